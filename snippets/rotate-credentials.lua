--- Gives a hypervisor new vCenter credentials, once every gateway of it has got in with them.
--
-- Each gateway tries user name and password first. The first that does not get
-- in ends the run, and nothing was changed. Then they are set, and the
-- hypervisor is waited for until it is ONLINE. Each write is asked about, or
-- takes --allow TestHypervisorConfiguration --allow UpdateHypervisor; with
-- --dry-run it only shows what it would do.
--
-- Exit code: 0 changed and ONLINE, 2 a gateway does not get in, nothing was
-- changed, 3 there is no gateway that could try, nothing was changed, or it was
-- changed and is not ONLINE again.
-- The API does not tell the user name of today, so it is given too. A silent
-- gateway cannot try: bring it back, or disassociate it.
-- @name rotate-credentials
-- @version 1.0.0
-- @arg hypervisor hypervisor     Whose credentials
-- @arg username string           The user that gateways log in as
-- @arg settle duration=90s       How long its state may still be that of before
-- @arg patience duration=10m     How long it may take to be ONLINE again
-- @secret password The password of that user
-- @allow GetHypervisor ListGateways TestHypervisorConfiguration UpdateHypervisor
-- @limit time=2h calls=5000 writes=200
-- @example moongate --secret password=@FILE run rotate-credentials --hypervisor vcenter-zurich --username svc-backup
--   Credentials of vcenter-zurich: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Step                        Of                Result
--   TestHypervisorConfiguration zurich-backup-01  gets in
--   UpdateHypervisor            vcenter-zurich    changed
--   GetHypervisor               vcenter-zurich    ONLINE
--
--   vcenter-zurich has new credentials, tried through 1 gateway, and is ONLINE.

if args.settle >= args.patience then usage("--settle must be shorter than --patience") end
local password = secret("password")
local hypervisor = get_hypervisor(args.hypervisor)
local name = hypervisor.Name or args.hypervisor
local gateways = list_gateways():filter(function(gw) return hypervisor_arn(gw) == args.hypervisor end):collect()
local withheld = session.dry_run and "withheld (a dry run)"

local steps = {}
local function finish(code, summary)
  show(steps, { { "Step", 1 }, { "Of", 2 }, { "Result", 3 } }, {
    title = ("Credentials of %s: %s, %s"):format(name, session.name, now():format("%F %H:%M UTC")),
    summary = name .. " " .. summary,
  })
  exit(code)
end
-- Runs a step; a failure ends the report with it, but what was not sent, by a no of the operator's or as no password, the run.
local refused = { NotAllowed = true, Declined = true, ReadOnly = true, ParamValidation = true }
local function step(what, of, result, code, summary, f, ...)
  local ok, outcome = pcall(f, ...)
  if not ok and refused[outcome.code] then error(outcome) end
  steps[#steps + 1] = { what, of, ok and (withheld or result) or tostring(outcome) }
  if not ok then finish(code, summary) end
end

if #gateways == 0 then finish(3, "has no gateway that could try them; nothing was changed.") end
for _, gw in ipairs(gateways) do
  step("TestHypervisorConfiguration", gw.GatewayDisplayName, "gets in", 2, "keeps its credentials: a gateway does not get in.",
    test_hypervisor_configuration, gw, { Host = hypervisor.Host, Username = args.username, Password = password })
end
step("UpdateHypervisor", name, "changed", 3, "may have kept its credentials: look at the error.",
  update_hypervisor, hypervisor, { Username = args.username, Password = password })
step("GetHypervisor", name, "ONLINE", 3, "has new credentials, and is not ONLINE.",
  wait, get_hypervisor, hypervisor, { field = "State", is = "ONLINE", settle = args.settle, timeout = args.patience })
finish(0, withheld and "keeps its credentials: this was a dry run." or
  ("has new credentials, tried through %d gateway%s, and is ONLINE."):format(#gateways, #gateways == 1 and "" or "s"))
