"""The library at the prompt: the snippets run unchanged, in the session's own world, with the tables of a terminal."""

from terminal import PROMPT


def test_a_snippet_of_the_library_sees_what_was_done_before(screen):
    screen.line(".run silent-gateways")
    screen.wait("| gateway     tokyo-backup-01", "| 1 of 3 gateways silent", PROMPT.strip())
    screen.line("gateway_lab.bring_online(list_gateways():find{ GatewayDisplayName = 'tokyo-backup-01' })")
    screen.line(".run silent-gateways")
    screen.wait("| 0 of 3 gateways silent, 0 of 2 hypervisors not ONLINE.")
    screen.line(".run tag-audit --of gateway --tag stage=prod --fix")
    screen.wait("MOONGATE ASKS", "TagResource")
    screen.line("a")
    screen.wait("| 3 findings in 3 resources; 3 added, 0 left.")
    screen.line("print(tags.get(list_gateways():first()).stage)")
    screen.wait("\nprod")
    screen.line(".run tag-audit")
    screen.wait("say with --tag what must be there")


def test_a_snippet_looks_at_the_region_of_the_prompt(screen):
    """Its fleet was the session that moongate had been started with: a report of another region, without a word."""
    screen.line("create_gateway{ ActivationKey = 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', GatewayDisplayName = 'x', GatewayType = 'BACKUP_VM' }")
    screen.line(".region eu-central-1")
    screen.wait("/eu-central-1>")
    screen.line(".run silent-gateways")
    screen.wait("local/eu-central-1/123456789012", "0 of 0 gateways silent")
    screen.line("use(connect{ region = 'us-east-1' })")
    screen.wait("/us-east-1>")
    screen.line(".snippet run stale-vms --age 9999d --folder '/Zürich DC1/vm/Prod'")
    screen.wait("local/us-east-1/123456789012", "| 2 of 27 machines.")
