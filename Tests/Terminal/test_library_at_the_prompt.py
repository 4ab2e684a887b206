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
