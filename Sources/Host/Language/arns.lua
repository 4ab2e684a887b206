-- ARNs: what is in them, and those of what a record belongs to.
local host, api = ...
local rawget, tostring, type = rawget, tostring, type
local string = string
local refuse = host.refuse

-- The ARN of this service that a record, or a table like one, carries.
local function arn_of(record)
  return rawget(record, "ResourceArn") or rawget(record, "ResourceARN") or rawget(record, "GatewayArn") or rawget(record, "HypervisorArn")
end
host.arn_of = arn_of

function api.parse_arn(value)
  local text = type(value) == "table" and arn_of(value) or value
  if type(text) ~= "string" then refuse("parse_arn takes an ARN, or a record that carries it, not a %s", type(value)) end
  local partition, service, region, account, resource = string.match(text, "^arn:([^:]+):([^:]+):([^:]*):([^:]*):(.+)$")
  if not partition then refuse("parse_arn: %q is not an ARN, which begins arn:PARTITION:SERVICE:REGION:ACCOUNT:", string.sub(text, 1, 200)) end
  local kind, id = string.match(resource, "^([^/:]+)[/:](.+)$")
  local function present(part) if part ~= "" then return part end end
  return {
    arn = text, partition = partition, service = service, region = present(region), account = present(account),
    resource = resource, kind = kind, id = id or resource,
  }
end

function api.hypervisor_arn(record)
  if type(record) ~= "table" or host.query_of(record) then
    refuse("hypervisor_arn takes a Gateway or a VirtualMachine, which say their HypervisorId, not a %s; as in hypervisor_arn(get_gateway(arn))",
      host.query_of(record) and "listing" or type(record))
  end
  if rawget(record, "HypervisorArn") then return rawget(record, "HypervisorArn") end
  local arn, id = arn_of(record), rawget(record, "HypervisorId")
  if type(arn) ~= "string" then refuse("hypervisor_arn: this table has neither GatewayArn nor ResourceArn") end
  -- A gateway that looks after no hypervisor.
  if id == nil then return nil end
  local head = string.match(arn, "^(arn:[^:]+:backup%-gateway:[^:]*:[^:]*:)")
  if not head then refuse("hypervisor_arn: %q is not an ARN of AWS Backup Gateway", arn) end
  return head .. "hypervisor/" .. tostring(id)
end
