// BrokerSecrets: secrets of shared code. A worker has a stand-in for each, a word that says nothing; the text stays with the
// host, which puts it into a request where the model says that the service keeps it secret, and nowhere else. What comes
// back is looked through, so that an answer which repeats a text does not bring it to the script.
import AWSCore
import BackupGateway
import Host

struct BrokerSecrets {
  /// What the header declares, and so all that the script may ask for.
  private let declared: Set<String>
  /// What the operator was asked for, whatever they said.
  private var asked: Set<String> = []
  private var standIns: [String: String] = [:]
  private var texts: [String: String] = [:]

  /// What an answer has in a secret's place.
  private static let shown = "•••"
  /// Shorter texts stand in too many others.
  private static let shortest = 4

  init(declared: some Sequence<String>) { self.declared = Set(declared) }

  func isDeclared(_ name: String) -> Bool { declared.contains(name) }

  /// True the first time: who gave nothing is not asked again and again by a script that does not take no.
  mutating func isAskedFirst(_ name: String) -> Bool { asked.insert(name).inserted }

  /// The stand-in that was made for a secret already.
  func standIn(for name: String) -> String? { standIns[name] }

  /// Keeps a secret, and makes a stand-in for it.
  mutating func keep(_ text: String, as name: String) -> String {
    let number = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 16) }.joined(
      separator: "-")
    let standIn = "moongate-secret-\(number)"
    standIns[name] = standIn
    texts[standIn] = text
    return standIn
  }

  /// Parameters with the texts in the places of their stand-ins, where the shape of the operation's input keeps them
  /// secret.
  func filled(_ parameters: Value.Object, of operation: Operation) -> Value.Object {
    guard !texts.isEmpty, case .object(let filled) = filled(.object(parameters), operation.input) else {
      return parameters
    }
    return filled
  }

  private func filled(_ value: Value, _ shape: Shape) -> Value {
    switch value {
    case .string(let text) where shape.isSensitive: return .string(texts[text] ?? text)
    case .array(let items): return .array(shape.item.map { item in items.map { filled($0, item) } } ?? items)
    case .object(let object):
      var filled = object
      for (name, value) in object.members {
        if let member = shape.member(name) { filled[name] = self.filled(value, member.shape) }
      }
      return .object(filled)
    default: return value
    }
  }

  // MARK: What comes back

  func masked(_ text: String) -> String {
    hidden.reduce(text) { $0.replacing($1, with: Self.shown) }
  }

  func masked(_ error: CallError) -> CallError {
    guard !texts.isEmpty else { return error }
    var error = error
    error.message = masked(error.message)
    error.code = masked(error.code)
    error.requestID = error.requestID.map(masked)
    return error
  }

  func masked(_ response: Response) -> Response {
    guard !texts.isEmpty else { return response }
    var response = response
    for text in hidden { response.body.replace(text.utf8, with: Self.shown.utf8) }
    response.requestID = response.requestID.map(masked)
    return response
  }

  /// Each text, also as JSON writes it; the longest first, which others may stand in.
  private var hidden: [String] {
    var forms: Set<String> = []
    for text in texts.values where text.utf8.count >= Self.shortest {
      let quoted = JSON.encode(.string(text))
      forms.formUnion([text, String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)])
    }
    return forms.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
  }
}
