-- What the tests of the library share.
local world = {}

-- Names that a table, a shell or a terminal could trip over.
world.odd_names = { "a,b \"c\"", "$(reboot) `x` 'y'", "new\nline", "\27[31mred", "=1+1", "東京 🙂", "-rf" }

-- Takes everything away.
function world.clear()
  for gw in list_gateways() do
    if gw.HypervisorId then disassociate_gateway_from_server(gw) end
    delete_gateway(gw)
  end
  for h in list_hypervisors() do delete_hypervisor(h) end
end

-- A hypervisor `small` with ten machines, for tests of what costs a call a machine.
function world.small()
  local h = import_hypervisor_configuration{ Name = "small", Host = "small.example.com" }
  associate_gateway_to_server{ GatewayArn = list_gateways():find{ GatewayDisplayName = "spare-01" }.GatewayArn, ServerArn = h.HypervisorArn }
  clock.advance("1m")
  return get_hypervisor(h.HypervisorArn)
end

-- A machine that the service has found, on the sample's hypervisor that is ONLINE unless told.
function world.machine(name, path, hypervisor)
  hypervisor = hypervisor or list_hypervisors():find{ Name = "vcenter-zurich" }
  local arn = gateway_lab.create_vm(hypervisor, { Name = name, Path = path or "/DC1/vm/" .. name })
  clock.advance("10s")
  return get_virtual_machine(arn)
end

-- Runs a snippet of the library and expects an exit code; its rows, of one form or another.
function world.rows(code, command)
  command.output = "json"
  local result = run(command)
  assert(result.code == code, ("exit code %d, not %d: %s"):format(result.code, code, result.stderr))
  return json.decode(result.stdout), result.stderr
end

-- The same as a table with its title and its summary.
function world.report(code, command)
  command.output = "table"
  local result = run(command)
  assert(result.code == code, ("exit code %d, not %d: %s"):format(result.code, code, result.stderr))
  return result.stdout
end

-- The row that has this value in a column; an error when there is none.
function world.row(rows, column, value)
  for _, row in ipairs(rows) do
    if row[column] == value then return row end
  end
  error(("no row has %s = %s"):format(column, value), 2)
end

function world.has(text, part)
  assert(text:find(part, 1, true), ("%q is not in:\n%s"):format(part, text))
end

return world
