// XML: the answers of services that write them so, read with expat. Nothing of a document is kept but the text of its
// elements, by path.
import CExpat

/// Why a text is not an XML document that is read here, as the end of "a body that is not XML: …". It never quotes
/// the text.
struct XMLProblem: Error, Equatable {
  var text: String
}

/// The text of a document's elements by their path from the root. Names are as written, so an element with a prefix
/// has another name than one without; AWS's answers have none.
struct XML {
  private let texts: [String: String]

  /// AWS's answers have a few kilobytes.
  static let largestDocument = 1 << 20

  /// Reads a whole document. A document type declaration is refused, whatever it says: no answer of AWS has one,
  /// and its entities are how small documents become endless ones.
  init(_ bytes: [UInt8]) throws(XMLProblem) {
    guard bytes.count <= Self.largestDocument else { throw XMLProblem(text: "it has more than 1 MiB") }
    texts = try XMLReader().read(bytes)
  }

  /// The text of an element by the names on the way to it (`A/B` is two), without the white space around it. Of
  /// several with the same path it is the first's; nil when there is none.
  subscript(path: String...) -> String? { texts[path.joined(separator: "/")] }
}

/// Collects what expat tells of one document.
@safe private final class XMLReader {
  private let parser: XML_Parser
  /// The paths from the root to the elements that are open, and what of their texts has come.
  private var open: [(path: String, text: [UInt8])] = []
  private var texts: [String: String] = [:]
  /// Why reading was stopped from here.
  private var refusal: String?

  /// Bytes of a path, which bounds depth and names; AWS's have five levels and less than a hundred.
  private static let longestPath = 500
  /// STS's have about ten; each costs its whole path.
  private static let mostElements = 1_000

  init() throws(XMLProblem) {
    guard let parser = unsafe XML_ParserCreate(nil) else {
      throw XMLProblem(text: "there is no memory for it")
    }
    unsafe self.parser = unsafe parser
  }

  deinit { unsafe XML_ParserFree(parser) }

  func read(_ bytes: [UInt8]) throws(XMLProblem) -> [String: String] {
    setHandlers()
    let status = unsafe bytes.withUnsafeBytes { buffer in
      unsafe XML_Parse(parser, buffer.bindMemory(to: CChar.self).baseAddress, Int32(buffer.count), 1)
    }
    if let refusal { throw XMLProblem(text: refusal) }
    guard status == XML_STATUS_OK else {
      let reason = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) }
      let line = unsafe XML_GetCurrentLineNumber(parser)
      throw XMLProblem(text: "\(reason ?? "it cannot be read") in line \(line)")
    }
    return texts
  }

  private func setHandlers() {
    unsafe XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    unsafe XML_SetElementHandler(
      parser, { context, name, _ in unsafe XMLReader.of(context)?.begin(name) },
      { context, _ in unsafe XMLReader.of(context)?.end() })
    unsafe XML_SetCharacterDataHandler(parser) { context, text, count in
      unsafe XMLReader.of(context)?.add(UnsafeRawBufferPointer(start: text, count: Int(count)))
    }
    unsafe XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
      unsafe XMLReader.of(context)?.refuse("it has a document type declaration")
    }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLReader? {
    unsafe context.map { unsafe Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
  }

  // MARK: What expat tells

  private func begin(_ name: UnsafePointer<XML_Char>?) {
    let name = unsafe name.map { unsafe String(cString: $0) } ?? ""
    let path = open.last.map { "\($0.path)/\(name)" } ?? name
    guard path.utf8.count <= Self.longestPath else { return refuse("its elements are nested too deep") }
    open.append((path, []))
  }

  private func add(_ text: UnsafeRawBufferPointer) {
    guard !open.isEmpty else { return }
    unsafe open[open.count - 1].text.append(contentsOf: text)
  }

  private func end() {
    guard let (path, text) = open.popLast(), texts[path] == nil else { return }
    guard texts.count < Self.mostElements else { return refuse("it has too many elements") }
    texts[path] = trimmed(String(decoding: text, as: UTF8.self))
  }

  private func refuse(_ reason: String) {
    refusal = refusal ?? reason
    unsafe XML_StopParser(parser, XML_Bool(XML_FALSE))
  }
}
