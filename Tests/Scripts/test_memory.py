"""What a script's values cost: the collector keeps up with it."""


# A story: each call of the host put off the collector's next step, so that a loop which took little between two of them
# came to the limit of its memory, as if nothing of it were garbage.
def test_a_loop_that_calls_the_host_is_collected(moongate):
    result = moongate(
        "-e",
        """local at, most = now(), 0
           for i = 1, 5e5 do
             local row = { name = "x" .. i, at = at.epoch }
             if i % 1000 == 0 then most = math.max(most, collectgarbage("count")) end
           end
           print(most < 8 * 1024)""",
    )
    assert (result.code, result.stdout) == (0, "true\n"), result


# A story: within a cycle of the collector each call of the host let it rest again as soon as it had freed something. So a
# cycle ended with as much in use as it began with, the next began at twice that, and a client that had called a gateway
# in trouble for three minutes held 1 GB, nearly all of it garbage.
def test_what_was_large_once_does_not_stay_large(moongate):
    result = moongate(
        "-e",
        """local large, text, most = {}, json.encode{ a = { 1, 2, 3 }, b = { c = { 1 } } }, 0
           for i = 1, 3e5 do large[i] = { i } end
           collectgarbage()
           local before = collectgarbage("count")
           large = nil
           for i = 1, 5e5 do
             json.decode(text)
             if i % 500 == 0 and i > 2.5e5 then most = math.max(most, collectgarbage("count")) end
           end
           print(before > 20 * 1024, most < 8 * 1024, most)""",
    )
    assert result.stdout.startswith("true\ttrue\t"), result


def test_times_compare_by_their_microseconds_however_late(moongate):
    """Seconds as a float cannot tell these two apart."""
    result = moongate(
        "-e",
        """local a, b = timestamp("9000-01-01T00:00:00.000001Z"), timestamp("9000-01-01T00:00:00.000002Z")
           print(a < b, b < a, a <= b, b <= a, a == b)""",
    )
    assert result.stdout == "true\tfalse\ttrue\tfalse\tfalse\n"
