// CBOR: bodies of requests to the local gateway in its second protocol.
import AWSCore

extension FuzzTarget {
  static let cbor = FuzzTarget(name: "cbor") { bytes in
    guard let value = try? CBOR.decode(bytes) else { return }
    let written = CBOR.encode(value)
    // NaN equals nothing, so bytes are compared.
    guard let again = try? CBOR.decode(written) else { fail("what was written is refused") }
    check(CBOR.encode(again) == written, "what is written again is something else")
    _ = JSON.encode(value)
  }
}
