// CCurl: libcurl without linking it.
//
// Linking libcurl costs every start 3 ms, most of it for the 33 shared objects it drags in. So nothing here
// refers to a symbol of libcurl: `ccurl_open` loads libcurl.so.4 at the first request and fills one table of
// functions; the header <curl/curl.h> gives the types only. libcurl's setters are variadic, which Swift
// cannot call: there is one wrapper per kind of argument, and the compiler checks its type.
//
// Nothing but `ccurl_open` may be called before it has returned NULL. One thread only.
#ifndef CCURL_H
#define CCURL_H
#include <curl/curl.h>

// Loads libcurl and initialises it, once. NULL when it is ready, otherwise why it is not; the text lives
// until the next call.
const char *_Nullable ccurl_open(void);

// "libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13 …": its version and those of what it works with.
const char *_Nonnull ccurl_version(void);

// One transfer.
CURL *_Nullable ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *_Nonnull easy);
const char *_Nonnull ccurl_easy_strerror(CURLcode code);
CURLcode ccurl_set_long(CURL *_Nonnull easy, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *_Nonnull easy, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value);
CURLcode ccurl_set_pointer(CURL *_Nonnull easy, CURLoption option, void *_Nullable value);
CURLcode ccurl_set_list(CURL *_Nonnull easy, CURLoption option, struct curl_slist *_Nullable value);
// What CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION call; returning anything but size × count ends the
// transfer.
typedef size_t (*ccurl_data_callback)(
    char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);
CURLcode ccurl_set_callback(CURL *_Nonnull easy, CURLoption option, ccurl_data_callback _Nonnull callback);
// What CURLOPT_PREREQFUNCTION calls, with the pointer given as CURLOPT_PREREQDATA.
CURLcode ccurl_set_before_request(CURL *_Nonnull easy, curl_prereq_callback _Nonnull callback);
CURLcode ccurl_get_long(CURL *_Nonnull easy, CURLINFO info, long *_Nonnull value);
CURLcode ccurl_get_pointer(CURL *_Nonnull easy, CURLINFO info, void *_Nullable *_Nonnull value);

// A list of header lines, from so many texts that stand one after the other, each with a zero at its end. One piece of
// memory; NULL when that is short.
struct curl_slist *_Nullable ccurl_lines(const void *_Nullable text, size_t length, size_t count);
// How many control characters are in a text, of which the zeros at the ends of lines are some. In C, whose compiler looks at
// many at a time.
unsigned ccurl_controls(const void *_Nullable text, size_t length);
void ccurl_lines_free(struct curl_slist *_Nullable lines);

// All transfers together.
CURLM *_Nullable ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *_Nonnull multi);
CURLMcode ccurl_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value);
CURLMcode ccurl_multi_add(CURLM *_Nonnull multi, CURL *_Nonnull easy);
CURLMcode ccurl_multi_remove(CURLM *_Nonnull multi, CURL *_Nonnull easy);
CURLMcode ccurl_multi_perform(CURLM *_Nonnull multi, int *_Nonnull running);
CURLMcode ccurl_multi_poll(
    CURLM *_Nonnull multi, struct curl_waitfd *_Nullable extra, unsigned count, int milliseconds);
CURLMsg *_Nullable ccurl_multi_read(CURLM *_Nonnull multi, int *_Nonnull left);
const char *_Nonnull ccurl_multi_strerror(CURLMcode code);

#endif
