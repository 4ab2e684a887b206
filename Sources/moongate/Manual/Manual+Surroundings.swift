// What the manual page says that no other table of the program has: what it is for, the variables and files that it reads and
// writes, and examples. A test holds the variables against those that the sources ask for, and runs the examples.

extension Manual {
  /// Paragraphs.
  static let about = [
    "Moongate looks around a fleet of AWS Backup Gateway at a prompt, runs .lua files that automate it, and rehearses both on a "
      + "local gateway that is a real server. All 25 operations of the service are functions of Lua.",
    "Reading is free. Writing is asked for: on a terminal a question names operation, target and session; elsewhere a write is "
      + "refused unless --allow named it before. Scripts of other people run as snippets, or with --untrusted, in a process "
      + "that has neither credentials nor files nor network.",
    "With --local nothing of AWS is read or reached. Without it, profiles, regions and credentials are those of the AWS CLI.",
  ]

  /// Names with blanks between them, and what they say.
  static let environment: [(names: String, meaning: String)] = [
    ("AWS_PROFILE AWS_DEFAULT_PROFILE", "the profile, where --profile does not say"),
    ("AWS_REGION AWS_DEFAULT_REGION", "the region, where --region does not say"),
    (
      "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN",
      "keys to sign with; passed over when --profile is given. AWS_SECURITY_TOKEN is the old name of AWS_SESSION_TOKEN"
    ),
    ("AWS_CREDENTIAL_EXPIRATION", "until when these keys are good"),
    ("AWS_ACCOUNT_ID", "whose they are"),
    (
      "AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE",
      "a role that the token in the file is exchanged for"
    ),
    (
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE "
        + "AWS_CONTAINER_AUTHORIZATION_TOKEN",
      "where a container gets keys"
    ),
    (
      "AWS_EC2_METADATA_DISABLED AWS_METADATA_SERVICE_TIMEOUT AWS_METADATA_SERVICE_NUM_ATTEMPTS "
        + "AWS_EC2_METADATA_SERVICE_ENDPOINT AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE AWS_EC2_METADATA_V1_DISABLED",
      "how an EC2 instance is asked for keys, and whether"
    ),
    ("AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE", "where profiles stand, instead of ~/.aws"),
    (
      "AWS_ENDPOINT_URL_BACKUP_GATEWAY AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL_SSO "
        + "AWS_ENDPOINT_URL_SSO_OIDC AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
      "where requests go; the last leaves only --endpoint"
    ),
    ("AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT", "endpoints of that kind, where it is true"),
    ("AWS_STS_REGIONAL_ENDPOINTS", "the global endpoint of STS, where it is legacy"),
    ("AWS_CA_BUNDLE", "a file of authorities to trust, instead of the system's"),
    (
      "AWS_MAX_ATTEMPTS AWS_RETRY_MODE AWS_DEFAULTS_MODE AWS_NEW_RETRIES_2026",
      "how often and how a call is tried again"
    ),
    ("AWS_SDK_UA_APP_ID", "a name that requests carry in their User-Agent"),
    ("https_proxy http_proxy no_proxy", "proxies, in small letters or capitals; never for this machine"),
    (
      "MOONGATE_SHARD MOONGATE_SHARD_COUNT",
      "which part of the work is this run's, as 2/8, where --shard does not say; and how many parts there are, where a "
        + "scheduler does not. Variables of AWS Batch, Slurm, Kubernetes, Cloud Run, GitLab, Buildkite and CircleCI are read too"
    ),
    ("NO_COLOR", "no colours, as with --no-color, where it is not empty"),
    ("TERM LC_ALL LC_CTYPE LANG", "what the terminal can show"),
    ("VISUAL EDITOR", "the editor of Ctrl-X Ctrl-E and of .edit"),
    ("EDITRC", "keys of the prompt, instead of ~/.editrc"),
    (
      "TZ", "the zone of os.date without a !; timestamps are shown in UTC, or in the zone that a script names"
    ),
    (
      "XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME",
      "where the files below are, instead of ~/.config, ~/.local/share and ~/.local/state"
    ),
    (
      "XDG_RUNTIME_DIR TMPDIR",
      "where what an editor or a signature needs is kept for a moment, instead of /tmp"
    ),
    (
      "SSH_AUTH_SOCK SSH_ASKPASS SSH_ASKPASS_REQUIRE SSH_SK_PROVIDER SSH_SK_HELPER",
      "handed to ssh-keygen, which signs snippets"
    ),
  ]

  static let files: [(name: String, meaning: String)] = [
    ("~/.aws/config", "profiles, SSO sessions and services, as the AWS CLI has them; read, never written"),
    ("~/.aws/credentials", "keys of profiles; read, never written"),
    ("~/.aws/sso/cache/", "tokens of IAM Identity Center, which are renewed there as the AWS CLI does"),
    (
      "~/.config/moongate/config",
      "what is production, defaults of options, registries of snippets, whose signatures are believed"
    ),
    ("~/.config/moongate/init.lua", "run before the first prompt"),
    ("~/.editrc", "keys of the prompt, by editrc(5)"),
    ("~/.local/share/moongate/modules/", "modules that require finds"),
    (
      "~/.local/share/moongate/snippets/",
      "the snippets that were added, by their SHA-256, and the lock that pins them"
    ),
    ("~/.local/share/moongate/stubs/", "what moongate stubs writes for editors"),
    ("~/.local/state/moongate/history", "what was typed at the prompt, by when and where"),
    (
      "~/.local/state/moongate/audit.log",
      "a line for every decision about a write; --audit names another file"
    ),
  ]

  /// Command lines, and what for.
  static let exampleCommands: [(purpose: String, command: String)] = [
    ("Look around a sample fleet, without an AWS account:", "moongate --local"),
    (
      "Say whose account and region a profile means, and where each setting comes from:",
      "moongate --profile prod -e 'session.explain()'"
    ),
    (
      "Machines without a backup for a week, as CSV:",
      "moongate --profile prod --output csv stale-vms --age 7d > stale.csv"
    ),
    (
      "A script that may rename hypervisors and write nothing else, rehearsed and then run, as cron does:",
      "moongate --profile prod --dry-run ./rename.lua\nmoongate --profile prod --allow UpdateHypervisor --max-writes 10 ./rename.lua"
    ),
    ("What is wrong with a script, without running it:", "moongate check rename.lua"),
    (
      "A local gateway for any AWS client, kept in a folder, in which every twentieth call fails:",
      "moongate serve --data world --port 8099 --fault error500=5%"
    ),
  ]
}
