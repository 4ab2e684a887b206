# Time in scripts: zones as Python's own reader of the same database has them, durations, and what is refused.
import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest

# Every instant of the input, as its zone's clocks show it and what they are called.
SHOW = """
for line in io.lines() do
  local zone, epoch = line:match("(%S+) (%S+)")
  print(timestamp(math.tointeger(epoch)):format("%Y-%m-%dT%H:%M:%S %Z", zone))
end
"""
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
BEGIN, END = -2_208_988_800, 4_102_444_800  # 1900 and 2100

# Both hemispheres, rules that begin or end by odd clocks, a summer time that is winter, offsets that change for good.
WITH_EDGES = """
    Europe/Berlin Europe/Dublin Europe/London Europe/Lisbon Europe/Moscow America/New_York America/Sao_Paulo
    America/Godthab America/Nuuk America/St_Johns America/Santiago America/Asuncion Africa/Casablanca Africa/Cairo
    Asia/Tokyo Asia/Kolkata Asia/Gaza Asia/Jerusalem Asia/Tehran Asia/Kathmandu Australia/Sydney Australia/Lord_Howe
    Antarctica/Troll Pacific/Auckland Pacific/Apia Pacific/Chatham Pacific/Kiritimati Etc/GMT-14 UTC EST5EDT
""".split()


def expected(zone, epoch):
    local = (EPOCH + timedelta(seconds=epoch)).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%dT%H:%M:%S} {local.tzname()}"


def edges(zone):
    """The first second of each new offset or name between 1900 and 2100."""
    step = 6 * 86_400
    found, at, now = [], BEGIN, expected(zone, BEGIN)[20:]
    def shown(epoch):
        local = (EPOCH + timedelta(seconds=epoch)).astimezone(ZoneInfo(zone))
        return local.utcoffset(), local.tzname()
    now = shown(at)
    while at < END:
        then = shown(at + step)
        if then != now:
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if shown(middle) == now else (low, middle)
            found.append(high)
        at, now = at + step, then
    return found


def check(moongate, cases):
    lines = "".join(f"{zone} {epoch}\n" for zone, epoch in cases)
    result = moongate("--local", "-e", SHOW, stdin=lines.encode())
    assert (result.code, result.stderr) == (0, "")
    shown = result.stdout.splitlines()
    assert len(shown) == len(cases)
    wrong = [(case, text, expected(*case)) for case, text in zip(cases, shown) if text != expected(*case)]
    assert not wrong, wrong[:10]


def test_every_zone_at_random_instants(moongate):
    chance = random.Random(8536)
    zones = sorted(available_timezones() - {"localtime", "Factory"})
    check(moongate, [(zone, chance.randrange(BEGIN, END)) for zone in zones for _ in range(20)])


def test_the_second_before_and_of_each_change(moongate):
    cases = [(zone, edge + offset) for zone in WITH_EDGES for edge in edges(zone) for offset in (-1, 0, 1)]
    assert len(cases) > 5_000, "the changes were not found"
    check(moongate, cases)


def test_the_years_1_and_9999(moongate):
    check(moongate, [("Europe/Berlin", -62_135_500_000), ("Europe/Berlin", 253_402_200_000)])


@pytest.mark.parametrize(
    "code, output",
    [
        ('ts:format("%Y-%m-%d %H:%M", "Europe/Berlin")', "2026-07-01 14:00"),
        ('ts:format("%H:%M %z %Z %%z", "America/St_Johns")', "09:30 -0230 NDT %z"),
        ('ts:format("%H:%M %z %Z")', "12:00 +0000 UTC"),
        ('ts:date("Asia/Kathmandu").min', "45"),
        ('ts:date("Europe/Berlin").isdst, ts:date().isdst', "true\tfalse"),
        ('os.time(ts:date()) - ts.epoch', "0"),
        ('ts - "1h", "1d" + ts, ts + 0.5', "2026-07-01T11:00:00Z\t2026-07-02T12:00:00Z\t2026-07-01T12:00:00.5Z"),
        ('ts - timestamp("2026-07-01T11:59:00Z"), ts < ts + 1, ts <= ts, ts == ts - "0s"', "60\ttrue\ttrue\ttrue"),
        ('({ [ts] = "same key" })[timestamp(ts.epoch)], ts.epoch', "same key\t1782907200"),
        ('(now() - "11d4h"):ago(), (now() + "3d4h30m"):ago()', "11d 4h\t-3d 4h"),
        ('duration("36h"), duration("1.5h"), duration("2w"), duration(90), duration("1d2h3m4s")',
         "129600\t5400\t1209600\t90\t93784"),
        ('duration.text(129600), duration.text("90s"), duration.text(0), duration.text(-3661)',
         "1d 12h\t1m 30s\t0s\t-1h 1m"),
        ('duration.text(math.mininteger)', "-106751991167300d 15h"),  # it has no opposite
        ('older_than(nil, "7d"), older_than(ago("8d"), "7d"), older_than(ago("6d"), 604800)', "true\ttrue\tfalse"),
        # What clocks show: in winter, in summer, and what they skip or show twice.
        ('timestamp("2026-01-05T03:15:00", "Europe/Zurich")', "2026-01-05T02:15:00Z"),
        ('timestamp("2026-07-05T03:15:00", "Europe/Zurich")', "2026-07-05T01:15:00Z"),
        ('timestamp("2026-03-29T02:30:00", "Europe/Zurich"):format("%H:%M", "Europe/Zurich")', "03:30"),
        ('timestamp("2026-10-25T02:30:00", "Europe/Zurich"):format("%H:%M", "Europe/Zurich")', "02:30"),
        ('timestamp("2026-07-05T03:15:00", "UTC")', "2026-07-05T03:15:00Z"),
        ('timestamp(ts) == ts, timestamp("2026-07-01T14:00:00+02:00") == ts', "true\ttrue"),
    ],
)  # fmt: skip
def test_what_a_script_can_ask(moongate, code, output):
    result = moongate("--local", "-e", f'local ts = timestamp("2026-07-01T12:00:00Z") print({code})')
    assert (result.code, result.stdout, result.stderr) == (0, output + "\n", "")


@pytest.mark.parametrize(
    "code, words",
    [
        ('ts:format("%H", "Europe/Berln")', "did you mean Europe/Berlin?"),
        ('ts:format("%H", "tokyo")', "did you mean Asia/Tokyo?"),
        ('ts:format("%H", "../../../etc/passwd")', "there is no time zone '../../../etc/passwd'"),
        ('ts:format("%H", "/etc/passwd")', "there is no time zone"),
        ('ts:format("%H", "Europe")', "there is no time zone 'Europe'"),
        ('ts:format("%H", "tzdata.zi")', "there is no time zone"),
        ('ts:format("%H", 2)', "a time zone is a name"),
        ('ts:format("%Q")', "invalid conversion specifier '%Q'"),
        ('ts:format("*t")', "write ts:date(zone)"),
        ('ts.format("%H")', "call format with a colon"),
        ('return ts < "7d"', 'ts < ago("7d")'),
        ('return ts < nil', "there is no date"),
        ('return ts + ts', "the difference is a - b"),
        ('return 5 - ts', "cannot be taken from a number"),
        ('return ts - "soon"', '"soon" is not a duration'),
        ('return ts.year', "it has .epoch, :format, :date and :ago"),
        ('ts.zone = "UTC"', "a timestamp cannot be changed"),
        ('ago("7 days")', 'is not a duration; write seconds or a text like "90s"'),
        ('older_than("2026", "7d")', "is a timestamp or nil, this is a string"),
        ('older_than(ts)', "older_than: nil is not a duration"),
        # A machine that was never backed up passed for old by any words, and the first that was ended the script.
        ('older_than(nil, "banana")', '"banana" is not a duration'),
        ('older_than(nil, "-3d")', '"-3d" is not a duration'),
        ('duration.text(1/0)', "a finite number"),
        (r'duration("\xff")', "is not a duration"),
        ('timestamp("yesterday")', "timestamp takes ISO 8601"),
        ('timestamp("2026-11-27")', '"2026-11-27" is a date alone; write the time and the zone too, as in "2026-11-27T00:00:00Z"'),
        ('timestamp("2026-13-01T00:00:00Z")', 'there is no such date or time as "2026-13-01T00:00:00Z"'),
        ('timestamp("2026-11-27T25:00:00+01:00")', 'there is no such date or time as "2026-11-27T25:00:00+01:00"'),
        ('timestamp("2026-02-30")', 'there is no such date or time as "2026-02-30"'),
        ('timestamp("2026-11-27T10:00:00")', '"2026-11-27T10:00:00" has no zone; end it with Z for UTC'),
        ('timestamp("2026-11-27T10:00:00Z", "Europe/Zurich")', "beside a zone stands what its clocks show"),
        ('timestamp(5, "Europe/Zurich")', "beside a zone stands what its clocks show"),
        ('timestamp("2026-11-27T10:00:00", "Mars")', "there is no time zone"),
        ('timestamp("2026-11-27T10:00:00Z and more")', 'got "2026-11-27T10:00:00Z and more"'),
        ('os.date("%F", ts)', 'os.date takes epoch seconds, not a timestamp; write ts:format("%F", zone)'),
        ('return ts + 1e300', "years 1 to 9999"),
    ],
)  # fmt: skip
def test_what_is_refused_says_what_to_write(moongate, code, words):
    result = moongate("--local", "-e", f'local ts = timestamp("2026-07-01T12:00:00Z") {code}')
    assert result.code == 252, result.stderr
    assert words in result.line()


def test_huge_durations_are_not_small_ones(moongate):
    """Their microseconds came round: ago(math.maxinteger) was a second from now."""
    code = """
      for _, d in ipairs{ math.maxinteger, math.mininteger, 2^63, 9223372036855 } do
        print((select(2, pcall(ago, d)).message), (select(2, pcall(older_than, now(), d)).message))
      end
      print(duration.text(math.maxinteger), duration.text(math.mininteger), duration.text(-90), duration.text(1e20))
    """
    result = moongate("--local", "-e", code)
    refused = "a timestamp lies in the years 1 to 9999"
    days = "106751991167300d 15h"
    assert result.stdout.splitlines() == 4 * [f"{refused}\t{refused}"] + [f"{days}\t-{days}\t-1m 30s\t1157407407407407d 9h"]


def test_os_date_is_luas_own_for_all_else(moongate):
    result = moongate("--local", "-e", 'print(os.date("!%F", 86400), os.date("!*t", 0).year) os.date("%Ez")')
    assert result.stdout == "1970-01-02\t1970\n"
    assert result.stderr.startswith("moongate: -e:1: bad argument #1 to 'date' (invalid conversion specifier '%Ez')")


def test_joining_a_timestamp_to_a_text_names_it(moongate):
    result = moongate("--local", "-e", 'local ts = now() print("at " .. ts)')
    assert result.code == 1
    assert "attempt to concatenate a timestamp value (local 'ts')" in result.stderr
    assert "tostring(ts)" in result.stderr
