--- Resources without a tag that they must have, or with a value that is not allowed; --fix adds what is missing.
--
-- A tag is KEY, or KEY=VALUE|VALUE|… with the values that are allowed. --fix
-- gives resources without the tag the first of its values. A value that is not
-- allowed is reported and left alone: somebody chose it.
--
-- Exit code: 0 all tagged, 2 something is missing or wrong (after --fix: still
-- is), 3 a target could not be looked at.
-- Tags that a metadata sync made come back by the next one: see the property
-- mappings of the hypervisor.
-- @name tag-audit
-- @version 1.0.0
-- @arg tag string*               A tag that must be there, KEY or KEY=VALUE|VALUE
-- @arg of vm|gateway|hypervisor=vm   Which resources
-- @arg fix boolean               Add what is missing; asks first, or takes --allow TagResource
-- @allow ListVirtualMachines ListGateways ListHypervisors ListTagsForResource TagResource
-- @limit time=30m calls=20000 writes=10000
-- @example moongate --allow TagResource run tag-audit --tag stage=test --fix
-- @example moongate run tag-audit --of gateway --tag owner --tag "stage=prod|test"
--   Tags of each gateway: local/us-east-1/123456789012, 2026-03-01 06:00 UTC
--
--   Name              Tag    Is       Must be    Id
--   zurich-backup-01  owner  missing  anything   bgw-3E8A51F0
--   zurich-backup-01  stage  missing  prod|test  bgw-3E8A51F0
--   tokyo-backup-01   owner  missing  anything   bgw-7B20C9D4
--   …
--
--   6 findings in 3 resources; --fix can add to 3 resources.

if #args.tag == 0 then usage("say with --tag what must be there, as in --tag \"stage=prod|test\"") end
local rules = {}
for i, text in ipairs(args.tag) do
  local key, values = text:match("^([^=]+)=(.+)$")
  local rule = { key = key or text, values = values, allowed = {} }
  for value in (values or ""):gmatch("[^|]+") do
    rule.first = rule.first or value
    rule.allowed[value] = true
  end
  rules[i] = rule
end

local all = fleet()
local lists = { vm = all.list_virtual_machines, gateway = all.list_gateways, hypervisor = all.list_hypervisors }
local resources = lists[args.of]():collect()
parallel(resources, function(r) r.tags = missing_ok(tags.get, r) end, { label = "tags" })

local rows, todo = {}, changes("Add tags that are missing")
for resource in items(resources):filter(function(r) return r.tags end) do
  local missing = {}
  for _, rule in ipairs(rules) do
    local value = resource.tags[rule.key]
    if not value or rule.values and not rule.allowed[value] then
      if not value then missing[rule.key] = rule.first end
      rows[#rows + 1] = { resource = resource, key = rule.key, value = value, rule = rule.values or "anything",
        added = missing[rule.key] }
    end
  end
  if next(missing) then todo.tag_resource(resource, { Tags = tags.list(missing) }) end
end

-- What is added stays in the report, and is no finding any more.
local tagged, left = {}, #rows
if args.fix then
  local done, failed = todo:run()
  if #done == 0 and failed[1] then error(failed[1].error, 0) end  -- as when nobody said yes
  for _, change in ipairs(failed) do warn(("%s: %s"):format(change.resource, change.error)) end
  tagged = items(done):index("resource")
end
for _, row in ipairs(rows) do
  row.is = row.value or "missing"
  if row.added and tagged[parse_arn(row.resource).arn] then
    row.is, left = "added: " .. row.added, left - 1
  end
end

show(rows, {
  { "Name", function(row) return args.of == "gateway" and row.resource.GatewayDisplayName or row.resource.Name end },
  { "Tag", "key" }, { "Is", "is" }, { "Must be", "rule" },
  { "Id", function(row) return parse_arn(row.resource).id end },
}, {
  title = ("Tags of each %s: %s, %s"):format(args.of, all, now():format("%F %H:%M UTC")),
  summary = ("%d findings in %d resources; %s."):format(#rows, #resources, args.fix
    and ("%d added, %d left"):format(#rows - left, left) or ("--fix can add to %d resources"):format(#todo)),
})
exit(#all:errors() > 0 and 3 or left > 0 and 2 or 0)
