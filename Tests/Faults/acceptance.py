# The rows of the acceptance checks: the language, shared code, permissions, secrets, the client, files and signals. A and
# the number of the document, which leaves some out.
from answers import *  # noqa: F403
from faults import CONFIGURATION, SERVICE
from rows import GET, LIST, As, Ran, Row, Served

OK = 0
ATTACKED, SHARED = (
    f"Scripts/test_attacks.py::test_as_{kind}_code_an_attack_comes_to_what_it_says" for kind in ("own", "shared")
)
INTERRUPT = "Scripts/test_interrupt.py::test_one_interrupt_stops"
LOAD, MACHINE = "Faults/test_load.py::", "Faults/test_machine.py::"
NETWORK, PROMPT = "Faults/test_network.py::", "Faults/test_prompt.py::"
FAULTS = "Interop/test_faults.py::"


def own(*names):
    return tuple(f"{ATTACKED}[{name}]" for name in names)


def shared(*names):
    return tuple(f"{SHARED}[{name}]" for name in names)


LANGUAGE = [
    Row("A1", "Ctrl-C in an endless loop", *own("B01_infinite_loop"), PROMPT + "test_ctrl_c_to_the_prompt"),
    Row("A2", "a loop that catches every error, and one Ctrl-C", *own("B02_loop_swallow_pcall"), INTERRUPT),
    Row("A3", "a loop in a coroutine, and one Ctrl-C", *own("B03_loop_in_coroutine")),
    Row("A5", "a pattern without end, and Ctrl-C", *own("B08_pattern_exponential")),
    Row("A7", "memory bombs: an error, and the memory is given back", LOAD + "test_memory_is_given_back_after_a_bomb",
        *own("B14_string_rep_memory", "B15_string_doubling", "B16_table_growth")),
    Row("A9", "recursion of Lua and of C", *own("B18_deep_recursion", "B19_c_recursion")),
    Row("A10", "sources that are hard to parse", *own("B20_parser_nesting")),
    Row("A12", "error objects that harm whoever shows them: one bounded line",
        "Scripts/test_hostile_values.py::test_a_hostile_error_is_one_bounded_line",
        "Scripts/test_hostile_values.py::test_a_text_that_takes_too_long_to_make_is_given_up"),
    Row("A14", "values that harm whoever shows them, at the prompt", PROMPT + "test_hostile_values_are_shown_and_bounded"),
    Row("A15", "arguments that harm whoever takes them, for every function",
        "Scripts/test_hostile_values.py::test_every_function_of_ours_takes_every_hostile_argument"),
    Row("A17", "10,000 errors through functions of Swift", LOAD + "test_errors_of_the_host_leave_no_memory_behind",
        "LuaRuntimeTests/BoundaryTests.swift::noFrameOfSwiftIsSkipped"),
    Row("A19", "nil, -0.0, NaN, 2^63 and bytes that are no text are told apart",
        "Scripts/test_hostile_values.py::test_odd_numbers_are_printed_unambiguously",
        Ran(("-e", "show{ ('\\xff') }"), exit=252, err=("not UTF-8",))),
    Row("A20", "numbers out of every range, as limits, page sizes and times", *own("B22_number_formats"),
        *(Ran(("--local", "-e", f"list_gateways{{ MaxResults = {number} }}:count()"), exit=252, err=("MaxResults",))
          for number in ("0/0", "1/0", "2^63", "1e308", "-1", "1.5")),
        *(Ran(("-e", f"print(pcall(timestamp, {number}))"), out=None) for number in ("0/0", "1e308", "-1/0", "2^63")),
        *(Ran(("--timeout", text, "-e", "print(1)"), exit=252, err=("--timeout",)) for text in ("nan", "-1s", "1e999s"))),
    Row("A22", "bytecode in the place of a script", "Scripts/test_hostile_values.py::test_bytecode_is_refused_by_its_name"),
    Row("A23", "sources with CRLF, BOM, #!, no last newline, or nothing in them",
        "Scripts/test_runner.py::test_sources_of_every_shape"),
    Row("A26", "completion of what sets traps runs none of them", "HostTests/CompletionTests.swift::nothingOfAScriptRuns",
        "Terminal/test_completion.py::test_tab_calls_nothing_but_read_only_listings"),
    Row("A27", "what crashes Debian's Lua, as own code",
        *own("A01_concat_metamethod_uaf", "A02_gmatch_matchdepth_stack_overflow", "A03_coroutine_close_chain",
             "A18_weak_metatable_gc_uaf")),
]  # fmt: skip

SHARED_CODE = [
    Row("A28", "nothing dangerous can be reached", *shared("C01_reachability_walk")),
    Row("A29", "what one script poisons the next does not see",
        "Scripts/test_attacks.py::test_what_one_shared_script_poisons_the_next_does_not_see"),
    Row("A30", "bytecode at every door", *shared("C03_bytecode_gates")),
    Row("A31", "files, processes, libraries", *shared("C04_os_io_package")),
    Row("A33", "a stack that moves under __concat", *shared("A01_concat_metamethod_uaf")),
    Row("A34", "gmatch after an error", *shared("A02_gmatch_matchdepth_stack_overflow")),
    Row("A35", "coroutines that close each other", *shared("A03_coroutine_close_chain"),
        "Scripts/test_worker_ends.py::test_a_crash_ends_the_run_and_nothing_else"),
    Row("A38", "bytecode that was changed", *shared("A12_corrupted_bytecode")),
    Row("A39", "loops of every kind end by the limit of time",
        *shared("B01_infinite_loop", "B02_loop_swallow_pcall", "B03_loop_in_coroutine", "B04_loop_in_xpcall_handler",
                "B05_loop_in_gc_finalizer", "B06_gc_finalizer_at_exit", "B07_close_metamethod_loop"),
        "Scripts/test_worker_ends.py::test_the_time_limit_is_kept_from_outside"),
    Row("A40", "loops in C, too",
        *shared("B08_pattern_exponential", "B09_pattern_quadratic", "B10_string_rep_zero_length", "B11_table_move_endless",
                "B12_table_lib_c_metamethods", "B13_load_endless_reader")),
    Row("A42", "memory bombs: an error of the worker, and none of the host's memory",
        *shared("B14_string_rep_memory", "B15_string_doubling", "B16_table_growth", "B17_many_coroutines"),
        LOAD + "test_memory_of_shared_code_is_the_workers"),
    Row("A43", "a flood of output", *shared("D08_output_flood_and_encoding"), "Scripts/test_worker_ends.py::test_output_has_a_limit"),
    Row("A46", "kill -9 of the host", "Scripts/test_worker_ends.py::test_the_worker_dies_with_its_host"),
    Row("A47", "a kernel without the locks", "Scripts/test_worker.py::test_where_the_lock_cannot_be_had_shared_code_is_refused"),
    Row("A48", "no address in any text", "LuaRuntimeTests/ProfileTests.swift::noTextOfASnippetHasAnAddress",
        Ran(("--untrusted", "s.lua"), files={"s.lua": "for _, v in ipairs{ print, {}, coroutine.create(print), "
            "select(2, pcall(string.rep)), select(2, pcall(load, {})) } do print((tostring(v):find('0x', 1, true))) end"},
            out="nil\n" * 5)),
]  # fmt: skip

TRUST = [
    Row("A49", "shared code without a header computes, and calls nothing",
        Ran(("--local", "--untrusted", "s.lua"), exit=251, files={"s.lua": "print(1 + 1) list_gateways():first()"}, out="2\n",
            err=("ListGateways",)), "Scripts/test_worker_calls.py::test_what_the_header_does_not_name_is_not_sent"),
    Row("A50", "fifteen ways round the list of operations",
        "Scripts/test_attacks.py::test_no_attempt_to_write_reaches_the_service",
        "Scripts/test_permissions.py::test_every_way_round_the_list_is_refused_and_written_down"),
    Row("A52", "a version that may do more is asked about again",
        "Scripts/test_snippets.py::test_from_publishing_to_an_update_that_asks_for_more"),
    Row("A54", "a byte that changed after it was trusted",
        "Scripts/test_snippet_store.py::test_a_damaged_copy_is_told_and_repaired",
        "Scripts/test_snippet_store.py::test_one_byte_anywhere_in_the_lock_refuses_to_run"),
    Row("A57", "signatures that are none", "Scripts/test_snippets_trust.py::test_no_failure_is_taken_for_unsigned",
        "Scripts/test_snippets.py::test_a_signature_that_is_none_is_never_taken_for_unsigned"),
    Row("A59", "a write where nobody can be asked, and the second of one that is allowed",
        "Scripts/test_writing.py::test_a_script_that_is_not_allowed_to_write",
        "Scripts/test_permissions.py::test_the_second_write_is_one_too_many"),
    Row("A60", "a script that draws the question itself, and answers typed ahead",
        "Terminal/test_write_prompt.py::test_a_script_cannot_draw_the_question",
        "Terminal/test_write_prompt.py::test_what_was_typed_ahead_answers_nothing"),
    Row("A62", "a rehearsal, and a header without writes: nothing reaches the wire",
        "Scripts/test_worker_calls.py::test_a_dry_run_sends_nothing", "Scripts/test_worker_calls.py::test_a_writes_limit_of_the_header_holds",
        "Scripts/test_permissions.py::test_a_rehearsal_reaches_the_end_and_writes_nothing"),
    Row("A63", "a source that looks like something else",
        "Scripts/test_snippets.py::test_a_source_that_looks_like_something_else_is_shown_and_not_added"),
    Row("A66", "planted secrets are nowhere", "Scripts/test_attacks.py::test_shared_code_finds_no_secret",
        "Scripts/test_permissions.py::test_the_keys_are_nowhere_to_be_found",
        "Scripts/test_private_memory.py::test_the_memory_is_nobody_elses"),
    Row("A68", "a line with a key is not in the history",
        "Terminal/test_shell.py::test_secrets_are_recalled_and_not_written",
        "Terminal/test_safety.py::test_secrets_are_recalled_and_nowhere_written_down"),
    Row("A70", "--debug tells no secret", "Scripts/test_debug.py::test_no_secret_is_told",
        "Interop/test_credential_sources.py::test_debug_shows_no_token_and_no_key"),
    Row("A71", "the history is its owner's alone", MACHINE + "test_the_history_is_its_owners_alone",
        "Terminal/test_shell.py::test_a_linked_history_is_refused_and_the_session_works"),
    Row("A73", "regions that are none open no socket", *own("D01_region_injection"), *shared("D01_region_injection"),
        "Faults/test_identity.py::test_a_region_that_is_none_opens_no_socket"),
    Row("A74", "endpoints are the operator's", *own("D02_endpoint_ssrf"), *shared("D02_endpoint_ssrf"),
        "Interop/test_sessions.py::test_an_endpoint_is_the_operators_to_grant"),
    Row("A77", "certificates that fail a check get no byte of a request",
        "Interop/test_tls_and_proxies.py::test_a_certificate_that_fails_a_check_gets_no_request"),
    Row("A79", "names with controls, and of 1 MB, in every form and in errors",
        "Faults/test_identity.py::test_names_of_every_kind_in_every_form",
        "Terminal/test_paging.py::test_a_name_never_drives_the_terminal"),
    Row("A81", "JSON is JSON to others", "Scripts/test_output.py::test_json_reads_back_the_same",
        "Faults/test_identity.py::test_json_of_every_value_is_json_to_others"),
    Row("A82", "a credential process that fails, floods, hangs or is late",
        "Interop/test_credential_sources.py::test_a_process_that_fails_is_told_without_its_output",
        "Faults/test_identity.py::test_a_credential_process_that_hangs_ends_with_the_run"),
]  # fmt: skip

CLIENT = [
    Row("A83", "two failures, and then an answer",
        Served(first(error("InternalServerException", 500), error("InternalServerException", 500), then={"Gateway": GATEWAY}),
               exit=OK, requests=3, out="dc1-gateway\n", env={"AWS_MAX_ATTEMPTS": "3"}),
        "Scripts/test_debug.py::test_it_shows_what_was_signed_and_how_the_call_went"),
    Row("A84", "connections that break: read again, and nothing of half an answer",
        As(("M6", "M7", "M8", "M10")), Served(first(RESET, then={"Gateway": GATEWAY}), exit=OK, requests=2, out="dc1-gateway\n")),
    Row("A86", "whatever never ends: an attempt has its time, and Ctrl-C its way",
        FAULTS + "test_no_silence_lasts_longer_than_an_attempt", NETWORK + "test_ctrl_c_during_a_wait"),
    Row("A88", "answers that are no HTTP, or another's",
        As(("M16", "M21")), Served(Raw(BODY, headers={"Content-Type": "text/html"}), exit=OK, out="dc1-gateway\n")),
    Row("A89", "throttling is waited out, and then told by its name",
        As(("M23",)),
        *(Served(error("ThrottlingException", status), "local ok, e = pcall(get_gateway, '" + GATEWAY["GatewayArn"] + "') "
                 "print(e.code, e.attempts)", OK, requests=3, out="ThrottlingException\t3\n", env={"AWS_MAX_ATTEMPTS": "3"})
          for status in (400, 429))),
    Row("A91", "a clock that is wrong", As(("M24", "M58"))),
    Row("A92", "a token that is over", As(("M25",)), FAULTS + "test_credentials_that_expired_say_where_they_came_from"),
    Row("A93", "documents that are none, or odd", As(tuple(f"M{number}" for number in range(26, 37)))),
    Row("A95", "a page token that was there before", As(("M37",))),
    Row("A96", "pages without end, and one page where one item is wanted", As(("M38",)),
        Served(with_tokens(str), "for gateway in list_gateways() do print(gateway.GatewayDisplayName) break end", OK,
               out="dc1-gateway\n"),
        Served(with_tokens(str), "print(list_gateways():first().GatewayDisplayName)", OK, out="dc1-gateway\n")),
    Row("A98", "1,000 connections that close after their answer",
        NETWORK + "test_a_thousand_connections_that_close_after_their_answer"),
    Row("A99", "no address, nobody there, no proxy: three messages",
        NETWORK + "test_three_ways_not_to_reach_anybody_are_told_apart"),
]  # fmt: skip

MACHINE_CHECKS = [
    Row("A101", "kill -9 of the local gateway, again and again", As(("M41",))),
    Row("A103", "a full disk, and then room again", As(("M43",))),
    Row("A105", "a second local gateway on one folder", As(("M48",))),
    Row("A106", "64 clients that write and read", LOAD + "test_64_clients_that_write_and_read"),
    Row("A108", "two sessions, 1,000 lines each", As(("M47",))),
    Row("A110", "no home, no terminal, no language, one column", As(("M45", "M57")), MACHINE + "test_a_terminal_of_every_kind",
        MACHINE + "test_a_terminal_one_column_wide", "Terminal/test_shell.py::test_without_a_terminal_there_is_no_shell"),
    Row("A111", "signals in everything that it may be doing", As(("M51",))),
    Row("A113", "a reader that goes, a closed stdout, a full device", As(("M52",)),
        Ran(shell="\"$MOONGATE\" -e 'print(1)' >/dev/full", exit=255, err=("cannot write to stdout: No space left on device",)),
        Ran(shell="\"$MOONGATE\" -e 'print(1)' >&-", exit=255, err=("cannot write to stdout",)),
        "Scripts/test_runner.py::test_what_a_full_disk_lost_is_no_success"),
    Row("A116", "a long session grows by nothing", LOAD + "test_a_long_session_grows_by_nothing"),
    Row("A117", "random input everywhere", "Interop/test_fuzz.py::test_requests_to_the_local_gateway",
        "Interop/test_fuzz.py::test_answers_to_the_client", "Terminal/test_fuzz_keys.py::test_random_keys_end_in_order"),
]  # fmt: skip

ACCEPTANCE_ROWS = [*LANGUAGE, *SHARED_CODE, *TRUST, *CLIENT, *MACHINE_CHECKS]
