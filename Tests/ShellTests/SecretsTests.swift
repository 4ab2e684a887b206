// What must not reach the history file, and what may.
import Testing

@testable import Shell

@Suite struct SecretsTests {
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
  ])
  func stays(_ line: String) { #expect(Secrets.isSensitive(line)) }

  @Test(arguments: [
    "list_gateways()",
    "p = secret(\"vCenter password\")",
    "import_hypervisor_configuration{Password=p}",
    "x = \"AKIA\"",
    "AKIAiosfodnn7example",
    "list_virtual_machines{NextToken=\"abc\"}",
    "-- a secret is needed here",
    "",
  ])
  func isKept(_ line: String) { #expect(!Secrets.isSensitive(line)) }

  @Test func aLongTextCostsNoMoreThanItsLength() {
    #expect(!Secrets.isSensitive(String(repeating: "secret", count: 10_000)))
  }
}
