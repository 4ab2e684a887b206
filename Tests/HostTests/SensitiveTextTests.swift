// What must not be written down or repeated, and what may.
import TestSupport
import Testing

@testable import Host

@Suite struct SensitiveTextTests {
  @Test(arguments: [
    "x = \"AKIAIOSFODNN7EXAMPLE\"",
    "ASIAIOSFODNN7EXAMPLE",
    "password = 'hunter2'",
    "import_hypervisor_configuration{Password=\"hunter2\"}",
    "t[\"password\"] = [[hunter2]]",
    "local user, password = \"u\", \"p\"",
    "json.decode('{\"Password\": \"hunter2\"}')",
    "aws_secret_access_key=\"wJalr\"",
    "if vcenter_password == \"hunter2\" then",
    "connect{session_token =\n  \"IQoJb3\"}",
    "dbPasswd = (\"x\")",
    "import_hypervisor_configuration{ Username = \"root\" }",
    "test_hypervisor_configuration{ USERNAME='root' }",
    "Pasword = \"hunter2\"",
    "key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'",
  ])
  func stays(_ line: String) { #expect(!SensitiveText.secrets(in: line).isEmpty) }

  @Test(arguments: [
    "list_gateways()",
    "p = secret(\"vCenter password\")",
    "import_hypervisor_configuration{Password=p}",
    "x = \"AKIA\"",
    "AKIAiosfodnn7example",
    "list_virtual_machines{NextToken=\"abc\"}",
    "-- a secret is needed here",
    "commit = '0123456789abcdef0123456789abcdef01234567'",
    "create_gateway{ GatewayDisplayName = \"zurich-02\" }",
    "list_hypervisors():find{ Name = \"rack\", Host = \"vc.example\" }",
    "",
  ])
  func isKept(_ line: String) { #expect(SensitiveText.secrets(in: line).isEmpty) }

  @Test(.timeLimit(.minutes(1))) func aLongTextCostsNoMoreThanItsLength() {
    #expect(SensitiveText.secrets(in: String(repeating: "secret ", count: 10_000)).isEmpty)
    #expect(SensitiveText.secrets(in: String(repeating: "secret=[[", count: 10_000)).count == 1)
  }

  @Test func theModelNamesWhatIsSensitive() {
    #expect(SensitiveText.members == ["password", "username"])
  }

  @Test(arguments: [
    ("f{ Name = \"rack\", Password = \"hunter2\", Host = \"h\" }", ["hunter2"]),
    ("local u, password = \"me\", \"hunter2\"", ["me", "hunter2"]),
    ("Password = [==[hunter2]==]", ["hunter2"]), ("Password = [[a]] Secret = 'b'", ["a", "b"]),
    ("Password = \"hunter2", ["hunter2"]),
    ("Password = \"a\\\"b\" .. 'c'", ["a\\\"b", "c"]),
    ("x = \"AKIAIOSFODNN7EXAMPLE\"", ["AKIAIOSFODNN7EXAMPLE"]),
  ])
  func theSecretsThemselves(_ line: String, _ secrets: [String]) {
    #expect(SensitiveText.secrets(in: line) == secrets)
  }

  /// A line has a password as Lua reads it, an error as Lua has read it.
  @Test func aSecretIsMaskedWithItsBackslashesAndWithout() throws {
    let bench = try Bench()
    #expect(bench.console.evaluate(#"password = "pa\\ss\"word""#) == .done)
    #expect(bench.console.masked(#"no: pa\ss"word"#) == "no: \(Secrets.shown)")
    #expect(bench.console.masked(#"no: "pa\\ss\"word""#) == #"no: "\#(Secrets.shown)""#)
  }
}
