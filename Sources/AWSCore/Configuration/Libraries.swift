// Libraries: the versions of those that AWSCore works with, as they tell them themselves.
import CCurl
import CExpat
import COpenSSL
import CPCRE2

public enum Libraries {
  /// Why a library that is opened when it is needed cannot be.
  public struct Problem: Error {
    public let reason: String
  }

  /// As expat writes its version: `2.5.0`.
  public static var expat: String {
    // "expat_2.5.0"
    unsafe String(String(cString: XML_ExpatVersion()).trimmingPrefix("expat_"))
  }

  /// As PCRE2 writes it, without its date: `10.42`.
  public static var pcre2: String {
    // "10.42 2022-12-11"; with the zero at its end the longest has 24 bytes.
    var text = [CChar](repeating: 0, count: 64)
    guard unsafe pcre2_config_8(UInt32(PCRE2_CONFIG_VERSION), &text) > 0 else { return "?" }
    return word(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self), 0)
  }

  /// OpenSSL's libcrypto, which is opened for this.
  public static func openSSL() throws(Problem) -> String {
    if let problem = unsafe copenssl_open() { throw Problem(reason: unsafe String(cString: problem)) }
    // "OpenSSL 3.0.19 27 Jan 2026"
    return word(
      unsafe AWSCore.openSSL.OpenSSL_version(OPENSSL_VERSION).map { unsafe String(cString: $0) } ?? "", 1)
  }

  /// libcurl, which is opened for this: its version, and those of what it brings along.
  public static func curl() throws(Problem) -> (version: String, with: [String]) {
    if let problem = unsafe ccurl_open() {
      throw Problem(reason: "libcurl cannot be opened (\(unsafe String(cString: problem)))")
    }
    // "libcurl/7.88.1 OpenSSL/3.0.19 … libpsl/0.21.2 (+libidn2/2.3.3) …": what parts work with stands in brackets.
    let parts = unsafe String(cString: ccurl_version()).split(separator: " ").filter { !$0.hasPrefix("(") }
    let words = parts.map { $0.split(separator: "/").joined(separator: " ") }
    return (word(words.first ?? "", 1), Array(words.dropFirst()))
  }

  private static func word(_ text: String, _ index: Int) -> String {
    let words = text.split(separator: " ")
    return words.indices.contains(index) ? String(words[index]) : "?"
  }
}
