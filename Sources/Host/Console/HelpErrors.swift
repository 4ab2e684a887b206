// HelpErrors: which codes the errors of helpers have, beside ParamValidation for what a helper cannot take, and those of the
// operations that it calls.

extension Help {
  /// By the name that help() has. Tests/Scripts/test_reference.py raises those that need nobody who answers.
  public static let errors: [String: [String]] = [
    "changes:run": ["NotAllowed", "Declined", "ReadOnly", "Limit"],
    "chart:svg": ["NotAllowed"],
    "connect": ["NotAllowed", "Configuration"],
    "output": ["NotAllowed"],
    "output.table": ["NotAllowed"], "output.json": ["NotAllowed"], "output.jsonl": ["NotAllowed"],
    "output.csv": ["NotAllowed"], "output.yaml": ["NotAllowed"], "output.lua": ["NotAllowed"],
    "listing": ["RepeatedToken"],
    "secret": ["NotAllowed", "Declined"],
    "session.whoami": ["NotAllowed"],
    "wait": ["WaitTimeout", "WaitFailed"],
    "wait_until": ["WaitTimeout"],
  ]
}
