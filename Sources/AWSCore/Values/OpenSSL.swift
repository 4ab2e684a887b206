// OpenSSL: the table of libcrypto's functions, by a short name.
import COpenSSL

/// The functions of libcrypto, which the first use opens; without it the process ends and says why. From any thread.
package var openSSL: copenssl_functions { unsafe copenssl().pointee }
