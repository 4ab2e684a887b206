// ErrorHints: what to do about an error, as one table for failed calls and one for Lua's own words. What a message says
// already is not said again.
import AWSCore
import BackupGateway
import LuaRuntime

enum ErrorHints {
  // MARK: Failed calls

  /// A row: for which errors it is, and what it says.
  struct Row: Sendable {
    /// Codes of errors; empty for a row that tells by its message.
    var codes: Set<String> = []
    /// A part of the message.
    var says: String?
    /// What to do; nil where this error leaves nothing to say.
    var hint: @Sendable (FailedCall) -> String?
  }

  /// An error table, as far as hints look at it.
  struct FailedCall {
    var code: String
    var message: String
    var operation: Operation?
    var hasStatus: Bool

    init(_ table: LuaTable) {
      code = table["code"]?.string ?? ""
      message = table["message"]?.string ?? ""
      operation = table["operation"]?.string.flatMap(Service.operation(_:))
      hasStatus = table["http_status"] != nil
    }
  }

  /// In order; the first that fits is told.
  static let rows: [Row] = [
    Row(says: "IAM Identity Center, profile '") { call in
      // Nobody can be asked to sign in by a service that only says "expired".
      let name = call.message.between("IAM Identity Center, profile '", "'")
      return name.map { "aws sso login --profile \($0)" }
    },
    Row(codes: ["ExpiredToken", "ExpiredTokenException"]) { _ in
      "these keys are over: renew them, or name a profile that does it: moongate --profile NAME"
    },
    Row(codes: ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"]) { call in
      guard let operation = call.operation else { return nil }
      let action = "\(Service.name):\(operation.name)"
      let isNamed = call.message.contains(action)
      return isNamed
        ? "an administrator allows it in an IAM policy; session.whoami() shows who you are"
        : "an IAM policy has to allow \(action) to who you are: session.whoami()"
    },
    Row(codes: ["NoCredentials", "NoRegion", "Configuration"]) { _ in
      "session.explain() shows where each setting comes from"
    },
    Row(codes: ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"]) { _ in
      "AWS does not know this key, or the account has not opted in to the region: session.explain()"
    },
    Row(codes: ["InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"]) { _ in
      "session.explain() shows which keys these are"
    },
    Row(codes: ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]) { _ in
      "this computer's clock is off: set it, as with timedatectl set-ntp true"
    },
    Row(codes: ["ResourceNotFoundException"]) { call in
      let kinds = call.operation?.resource?.shape.resources ?? []
      let lists = (kinds.isEmpty ? ResourceKind.allCases : kinds).compactMap {
        ResourceSource($0).map { "\($0.operation.luaName)()" }
      }
      return
        "\(lists.joined(separator: ", ")) \(lists.count == 1 ? "shows" : "show") what is there in this region"
    },
    Row(codes: ["ValidationException"]) { call in
      call.operation.map { "\($0.luaName)? shows what each parameter may be" }
    },
    Row(codes: ["InternalServerException", "ServiceUnavailable", "InternalFailure"]) { _ in
      "it is not your mistake: try again, and give AWS the request id if it stays"
    },
    Row(codes: ["ParamValidation"], says: " must be an ARN like ") { call in hint(forNoARN: call) },
    Row(codes: ["Network"], says: "certificate") { _ in nil },
    Row(codes: ["Network"], says: "outcome is unknown") { _ in nil },
    Row(codes: ["Network"], says: "Connection refused") { _ in
      "nothing listens there: session.explain() shows where the endpoint comes from"
    },
    Row(codes: ["Network"], says: "cannot find the address") { _ in
      "is this computer online, and is the region right? session.explain()"
    },
    Row(codes: ["Network"], says: "within ") { _ in
      "a firewall or a proxy may stand between; a later try may work"
    },
    Row(codes: ["ReadOnly"]) { _ in nil },
  ]

  /// What to do about a failed call; nil where its message says all there is.
  static func hint(for call: FailedCall) -> String? {
    let row = rows.first { row in
      (row.codes.isEmpty || row.codes.contains(call.code)) && row.says.map(call.message.contains) ?? true
    }
    if let row { return row.hint(call) }
    guard call.hasStatus, case .throttled = ErrorClass.event(code: call.code, status: 400) else { return nil }
    return "the service wants fewer calls a second: parallel(items, f, { limit = 4 }), or try again later"
  }

  /// What to do where a name, as people call a resource, stands in the place of its ARN.
  private static func hint(forNoARN call: FailedCall) -> String? {
    let member = call.operation?.input.members.first {
      call.message.contains("\($0.name) must be an ARN like ")
    }
    guard let given = call.message.firstRange(of: ", got '")?.upperBound, let member,
      !call.message[given...].hasPrefix("arn:")
    else { return nil }
    let completes = "Tab completes an ARN by its name"
    let text = String(call.message[given...].dropLast())
    // Of several kinds nothing says which one is meant.
    guard !text.isEmpty, text.count < 100, member.shape.resources.count == 1,
      let source = ResourceSource(member.shape.resources[0]), let name = source.name
    else { return completes }
    let filter = "\(name.name) = \(LuaLiteral.quoted(text, isVisible: true))"
    return "\(completes); or \(source.operation.luaName)():find{ \(filter) }"
  }

  // MARK: Lua's own words

  /// Parts of Lua's messages, and what to write instead. A part that begins with `near ` stands at the end.
  private static let phrases: [(says: String, hint: String)] = [
    ("function arguments expected near", "a method is called with (): write object:method()"),
    ("near '!'", "Lua writes ~= for \"not equal\", and not for \"not\""),
    ("near '&'", "Lua writes and"),
    ("near '|'", "Lua writes or"),
    ("near '+'", "Lua has no ++ and +=: write x = x + 1"),
    ("near '-'", "Lua has no -- and -=: write x = x - 1"),
    ("'then' expected near '='", "== compares, = sets"),
    ("'do' expected near '='", "== compares, = sets"),
    ("near '?'", "NAME? explains a name, on a line of its own"),
    ("near '#'", "a comment begins with --"),
    ("near '/'", "a comment begins with --"),
    ("near 'null'", "Lua writes nil"),
    ("'}' expected near", "is there a comma missing before it?"),
    ("')' expected near", "is there a comma or an operator missing before it?"),
    ("unfinished string near", "a text of several rows is written [[…]]"),
    ("malformed number near", "a name does not begin with a digit"),
    ("invalid escape sequence", "a backslash is written \\\\"),
    ("<name> expected near", "this word is Lua's own, or is no name"),
    ("'for iterator'", "write for key, value in pairs(t), or for item in items(t)"),
    ("attempt to compare nil", "one of them is nil: test it first, as in x and x < y"),
    ("with nil", "one of them is nil: test it first, as in x and x < y"),
    ("attempt to concatenate a nil value", "write tostring(x), or x or \"\""),
    ("attempt to concatenate a table value", "write tostring(x), or one of its members"),
    ("attempt to perform arithmetic on a nil value", "it is nil here: test it first"),
    ("C stack overflow", "it calls itself without end"),
    ("stack overflow", "it calls itself without end"),
    ("string length overflow", "the text would be longer than memory is"),
  ]

  /// What word processors and wikis make of Lua's characters.
  private static let lookAlikes: [(characters: [String], kind: String, lua: String)] = [
    (["“", "”", "„"], "not a quote of Lua", "\""), (["‘", "’"], "not a quote of Lua", "'"),
    (["–", "—"], "not a minus of Lua", "-"),
  ]

  /// What to write instead of a character that Lua does not know.
  static func hint(forForeign character: String) -> String? {
    if character == "\u{A0}" { return "this is a space that does not break (U+00A0); write a plain one" }
    let row = lookAlikes.first { $0.characters.contains(character) }
    return row.map { "\(character) is \($0.kind); write \($0.lua)" }
  }

  /// What to write instead; nil where Lua's words say enough.
  static func hint(forLua message: String) -> String? {
    phrases.first { message.contains($0.says) }?.hint
  }
}

extension String {
  /// What stands between two texts.
  fileprivate func between(_ before: String, _ after: String) -> String? {
    guard let start = firstRange(of: before)?.upperBound, let end = self[start...].firstRange(of: after)
    else {
      return nil
    }
    return String(self[start..<end.lowerBound])
  }
}
