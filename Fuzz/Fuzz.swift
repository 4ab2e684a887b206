// fuzz TARGET [libFuzzer's options] [corpus…]: bytes that libFuzzer makes, for one part of Moongate. People use scripts/fuzz.
import Glibc
import LuaRuntime

@main
enum Fuzz {
  static func main() {
    let words = CommandLine.arguments.dropFirst()
    guard words.first != "--list" else { return FuzzTarget.all.forEach { print($0.name) } }
    guard let target = FuzzTarget.all.first(where: { $0.name == words.first }) else {
      fail("there is no target \(words.first ?? "that was named"); --list names them")
    }
    body = target.body
    // libFuzzer starts itself again by its first word, unquoted, when it merges.
    let itself = "\(CommandLine.arguments[0]) \(target.name)"
    var arguments = ([itself] + words.dropFirst()).map { strdup($0) } + [nil]
    var count = CInt(arguments.count - 1)
    let result = arguments.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      return runDriver(&count, &start) { bytes, count in
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        MainActor.assumeIsolated { body(input) }
        return 0
      }
    }
    exit(result)
  }
}

/// libFuzzer calls a C function, which carries nothing along.
private var body: ([UInt8]) -> Void = { _ in }

/// libFuzzer's own main program.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Ends the process with a message; libFuzzer keeps the input.
func fail(_ message: String) -> Never {
  LuaVM.write("fuzz: \(message)\n", toStandardError: true)
  abort()
}
