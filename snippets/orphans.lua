--- Hypervisors without a gateway, and gateways without a hypervisor.
-- @name orphans
-- @version 1.0.0
-- @allow ListGateways ListHypervisors

print(list_gateways():count())
