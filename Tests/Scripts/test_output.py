# Output: what rows become in each form, read back by other people's parsers, and where they go. What somebody looks at is in
# test_output_on_screen.py.
import csv
import io
import json
import os
import signal

import pytest
import yaml

from moongate import PATIENCE, ROOT, shell_code
from output import run

NASTY = [
    "plain", "", " lead", "trail ", "a,b", 'say "hi"', "two\nlines", "cr\rlf\r\n", "tab\t", "no", "Yes", "~", "null",
    "1e3", "0x1F", "1_000", "010", "1:20", "2022-09-22", "2022-09-22T08:30:00Z", "a: b", "a:", ": b", "a #b", "- a",
    "[x]", "{y}", "&a", "*a", "!t", "|", ">", "%d", "@x", "`x`", "'q'", "=", "<<", "?", "-", "=1+1", "+1", "東京", "🙂",
    "e\u0301", "\u0085\u2028\u2029\ufeff", "\x00\x01\x1b[31m\x7f", "\u009b\u202e", "x" * 2000, "\\n", "#", "...", "---",
]
NUMBERS = ["9223372036854775807", "-9223372036854775808", "0", "-0.0", "1.0", "0.1", "1e16", "5e-324", "2^63", "1e308"]


def lua_string(text):
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


@pytest.fixture
def rows(moongate):
    """A script's first lines: `rows`, of everything that a form could get wrong."""
    texts = ", ".join(f"{{ k = {lua_string(text)}, {'' if i % 2 else 'odd = true, '}n = {i} }}" for i, text in enumerate(NASTY))
    return f"local rows = {{ {texts} }}\n"


EXPECTED = [{"k": text, "n": i, **({} if i % 2 else {"odd": True})} for i, text in enumerate(NASTY)]


# Read back by others


def test_only_what_people_read_has_a_title_and_a_summary(moongate):
    code = 'show({ { n = 1 } }, { "n" }, { title = "One \\27[31m row", summary = { "a", "b" } })'
    assert run(moongate, code, "--output", "table").decode() == "One ␛[31m row\n\nn\n1\n\na\nb\n"
    assert json.loads(run(moongate, code)) == [{"n": 1}]
    assert run(moongate, code, "--output", "csv") == b"n\r\n1\r\n"


def test_json_reads_back_the_same(moongate, rows):
    assert json.loads(run(moongate, rows + "output.json(rows)")) == EXPECTED
    assert json.loads(run(moongate, rows + "show(rows)")) == EXPECTED, "show writes JSON into a pipe"


def test_json_lines_read_back_the_same(moongate, rows):
    lines = run(moongate, rows + "output.jsonl(rows)").decode().split("\n")
    assert lines.pop() == "" and [json.loads(line) for line in lines] == EXPECTED


def test_yaml_reads_back_the_same(moongate, rows):
    assert yaml.safe_load(run(moongate, rows + "output.yaml(rows)")) == EXPECTED
    keys = rows + "local t = {} for _, row in ipairs(rows) do t[row.k] = { row.k } end output.yaml(t)"
    assert yaml.safe_load(run(moongate, keys)) == {text: [text] for text in NASTY}


def test_csv_reads_back_the_same(moongate, rows):
    text = run(moongate, rows + 'output.csv(rows, { "n", "k", "odd" })').decode()
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["n", "k", "odd"]
    assert read[1:] == [[str(i), text, "" if i % 2 else "true"] for i, text in enumerate(NASTY)]


@pytest.mark.parametrize("form, read", [("json", json.loads), ("yaml", yaml.safe_load)])
def test_numbers_read_back_exactly(moongate, form, read):
    code = f"local n = {{ {', '.join(NUMBERS).replace('-9223372036854775808', 'math.mininteger')} }}"
    values = read(run(moongate, f"{code} output.{form}(n)"))
    expected = [eval(number.replace("^", ".0**")) for number in NUMBERS]
    assert [repr(value) for value in values] == [repr(value) for value in expected]


def test_lua_reads_back_the_same(moongate, rows):
    code = rows + """
      local back = load("return " .. output.format("lua", rows))()
      output.json(back)
    """
    assert json.loads(run(moongate, code)) == EXPECTED
    values = """
      local rows = { { at = timestamp("2022-09-22T08:30:00.123456Z"), n = %s, min = math.mininteger, s = "\\xff\\0", [2.5] = { {}, { true } },
        ["end"] = json.null, inf = -1/0 } }
      for _, indent in ipairs{ 0, 2 } do
        local text = output.format("lua", rows, nil, { indent = indent })
        local back = load("return " .. text)()
        assert(same(back, rows), diff(back, rows)) assert(math.type(back[1].n) == math.type(rows[1].n))
        assert(text == output.format("lua", back, nil, { indent = indent }))
      end
    """
    for number in NUMBERS:
        run(moongate, values % number)
    listing = "local text = output.format('lua', list_virtual_machines()) assert(#load('return ' .. text)() == list_virtual_machines():count())"
    run(moongate, listing)


def test_yaml_has_numbers_that_are_none(moongate):
    values = yaml.safe_load(run(moongate, "output.yaml{ 1/0, -1/0, 0/0, json.null, json.array{}, { a = {} } }"))
    assert values[:2] == [float("inf"), float("-inf")] and values[2] != values[2]
    assert values[3:] == [None, [], {"a": {}}]


def test_a_listing_is_the_same_in_every_form(moongate):
    code = """
      for _, form in ipairs{ "json", "jsonl", "csv", "yaml" } do
        local text = output.format(form, list_virtual_machines())
        assert(text == output.format(form, list_virtual_machines():collect()), form)
        print(json.encode(text))
      end
    """
    texts = [json.loads(line) for line in run(moongate, code).splitlines()]
    machines = json.loads(texts[0])
    assert len(machines) == 250
    assert machines == [json.loads(line) for line in texts[1].splitlines()]
    table = csv.DictReader(io.StringIO(texts[2], newline=""))
    assert machines == [{name: value for name, value in row.items() if value} for row in table]
    assert machines == yaml.safe_load(texts[3])


def test_show_follows_the_command_line(moongate):
    code = 'show({ { a = 1, b = "x" } })'
    for form, text in {
        "table": "a  b\n1  x\n", "json": '[\n  {\n    "a": 1,\n    "b": "x"\n  }\n]\n', "jsonl": '{"a":1,"b":"x"}\n',
        "csv": "a,b\r\n1,x\r\n", "yaml": "- a: 1\n  b: x\n", "lua": '{\n  {\n    a = 1,\n    b = "x",\n  },\n}\n',
    }.items():
        assert run(moongate, code, "--output", form).decode() == text
    result = moongate("--output", "xml", "-e", "")
    assert result.code == 252 and "--output is table, json, jsonl, csv, yaml or lua, not 'xml'" in result.stderr


# Rows and columns


def test_rows_are_whatever_can_be_walked(moongate):
    code = """
      local i = 0
      local function three() i = i + 1 return i <= 3 and { n = i } or nil end
      output.jsonl(three)
      output.jsonl(items{ { n = 4 }, { n = 5 } }:filter(function(r) return r.n == 5 end))
      output.jsonl{ n = 6 }
      output.json(json.array{}) output.json{} output.jsonl{} output.csv({}, { "a" }) output.yaml{}
    """
    assert run(moongate, code).decode() == '{"n":1}\n{"n":2}\n{"n":3}\n{"n":5}\n{"n":6}\n[]\n[]\na\r\n[]\n'


def test_results_with_holes_are_rows(moongate):
    """What `parallel` gave where some failed was refused by all of these, and by `items` cut off at the first hole."""
    code = """
      local function odd_fails(i) if i % 2 == 1 then error("no") end return { Name = "n" .. i } end
      local r = parallel({ 1, 2, 3, 4 }, odd_fails, { on_error = "collect" })
      output.jsonl(r)
      output.csv(r, { "Name" })
      output.jsonl(items(r))
      show(r)
      print(chart.bar(r, "Name", function() return 1 end):text{ width = 20, ascii = true })
      for row in progress(r) do io.write(row.Name, " ") end
      local again = parallel(r, function(row) return row.Name end)
      local through_items = items(r):parallel(function(row) return row.Name end)
      print(again.n, again[1], again[2], again[4], through_items.n, through_items[1], through_items[4])
      print(items(r):count(), items(r):first().Name, items(r):filter(function(row) return row.Name == "n4" end):count())
      io.write(json.encode(items(r):collect()), json.encode(json.array(r)), "\\n")
      output.json(parallel({ 1 }, function() end))
      output.jsonl{ n = 5 }
    """
    two = '{"Name":"n2"}\n{"Name":"n4"}\n'
    shown = '[\n  {\n    "Name": "n2"\n  },\n  {\n    "Name": "n4"\n  }\n]\n'
    start = two + "Name\r\nn2\r\nn4\r\n" + two + shown
    moongate.write("s.lua", code)
    result = moongate("--local", "s.lua")
    assert (result.code, result.stderr) == (0, "")
    got = result.stdout
    assert got.startswith(start)
    bars, rest = got[len(start) :].split("n2 n4 4")
    assert [line.split()[0] for line in bars.splitlines()] == ["n2", "n4"]
    array = '[{"Name":"n2"},{"Name":"n4"}]'
    assert rest == f'\tnil\tn2\tn4\t4\tnil\tn4\n2\tn2\t1\n{array}{array}\n[]\n{{"n":5}}\n'


def test_columns_are_paths_and_functions(moongate):
    code = """
      local rows = { { a = { b = { 7, c = true } }, ["x.y"] = "dot", at = timestamp(0) }, { a = {} }, {z = 1} }
      output.jsonl(rows, { "a.b.1", "a.b.c", "x.y", { "epoch", "at.epoch" }, { "f", function(r) return r.a and #r.a end } })
    """
    assert run(moongate, code).decode() == (
        '{"a.b.1":7,"a.b.c":true,"x.y":"dot","epoch":0,"f":0}\n{"f":0}\n{}\n')


def test_a_column_may_call_the_service(moongate):
    code = """
      output.jsonl(list_virtual_machines():take(3), { "Name", { "host", function(vm) return get_virtual_machine(vm).HostName end } })
    """
    lines = [json.loads(line) for line in run(moongate, code).splitlines()]
    assert len(lines) == 3 and all(line["host"] for line in lines)


@pytest.mark.parametrize(
    "call, words",
    [
        ('output.csv({ {}, {} }, { { "Age", function(r) error("no age") end } })', "output.csv: row 1, column Age: "),
        ('output.csv(list_gateways(), { "Nmae" })', "row 1, column Nmae: "),
        ('output.csv({ { a = "x" } }, { "a.b" })', "a string has no member b"),
        ('output.csv({ { a = 1 } }, { "a", "a" })', "two columns a"),
        ('output.csv({ { a = 1 } }, { { "a", align = "middle" } })', '"left", "right" or "center"'),
        ('output.csv({ { a = 1 } }, { function() end })', "a function needs a title"),
        ('output.csv({ { a = 1 } }, nil, { too = "x" })', "there is no option too; there is indent, summary, title, to, width"),
        ('output.csv({ { a = 1 } }, nil, { title = 5 })', "title must be a string, not an integer"),
        ('show({ { a = 1 } }, nil, { summary = { "a", 5 } })', "line 2 of summary is a text, not a number"),
        ('output.csv("text")', "rows are a record, an array, a listing or an iterator, not a string"),
        ("output.json{ 1, 2, x = 3 }", "also has [x]"),
        ("output.json{ { f = print } }", "row 1, f: a function is no data"),
        ("local t = {} t.t = t output.json{ t }", "output: a table is nested more than 128 deep, or contains itself"),
        ("local t = {} t.t = t json.encode(t)", "json.encode: a table is nested more than 128 deep, or contains itself"),
        ('output.json{ { s = "\\xff" } }', "row 1, s: this string is not UTF-8 text"),
        ("output.jsonl{ { n = 1 }, { n = 0/0 } }", "row 2, n: nan is no number that JSON has"),
        ("output.json{ { l = list_gateways() } }", "l: this is a listing; :collect() gives its items"),
        ("show(now)", "show: now is a function; call it first: now()"),
        ('output.format("xml", {})', "one of csv, json, jsonl, lua, table, yaml"),
        ('json.decode("[1,\\n 2,]")', "json.decode: unexpected character at line 2, byte 4"),
        ("json.encode({ a = { 1, nil, 3 } })", "json.encode: a: an array that also has the member [3]"),
        ("json.encode(table.pack(1, nil, 3))", "json.encode: results with n and holes are no array of JSON; items(r):collect() makes one"),
        ("json.encode{ a = table.pack(nil, 2) }", "json.encode: a: results with n and holes"),
        ("output.json{ [2] = 2, [3] = 3, n = 2, [1] = 1 }", "also has [3]"),
        ("local t = {} t.t = t json.encode(t)", "contains itself"),
        ("json.encode(1, { indnet = 2 })", "there is no option indnet"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(moongate, call, words):
    result = moongate("--local", "-e", call)
    assert result.code in (1, 252) and words in result.stderr, result.stderr


def test_show_takes_any_value(moongate):
    code = 'show(nil) show(42) show("a\\27b") show({ 1, 2, 3 }) show(list_gateways():map(function(g) return g.GatewayDisplayName end))'
    result = moongate("--local", "--output", "table", "-e", code)
    assert (result.code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "nil", "42", "a\x1bb", "{ 1, 2, 3 }", '{ "zurich-backup-01", "tokyo-backup-01", "spare-01" }']


# JSON as scripts use it


def test_json_goes_round(moongate):
    document = r'{"a":[],"b":{},"c":null,"d":[1,2.0,"\ud83d\ude42",true,[null]]}'
    code = f"local t = json.decode([==[{document}]==]) io.write(json.encode(t)) assert(t.c == json.null and #t.d[5] == 1 and t.d[5][1] == json.null)"
    assert json.loads(run(moongate, code)) == json.loads(document)
    assert run(moongate, 'io.write(json.encode(json.decode(\'{"a":1,"a":2}\')))') == b'{"a":2}', "the last one counts"
    assert run(moongate, "io.write(json.encode({ b = 1, a = { 2 } }, { indent = 2 }))") == b'{\n  "a": [\n    2\n  ],\n  "b": 1\n}'
    same = r"json.encode{ ['\u{e9}'] = 1, ['e\u{301}'] = 2 }"
    assert {run(moongate, f"io.write({same})") for _ in range(8)} == {'{"e\u0301":2,"\u00e9":1}'.encode()}, "ordered by bytes"
    assert run(moongate, "local t = json.array{ 1 } t[1] = nil io.write(json.encode(t), json.encode{})") == b"[]{}"


SUITE = next((folder / "shared/conformance/json" for folder in ROOT.parents if (folder / "shared/conformance/json").is_dir()), None)


@pytest.mark.skipif(not SUITE, reason="the json suite is not beside the project")
def test_json_decode_passes_the_public_suite(moongate):
    """nst/JSONTestSuite: y_ must be read, n_ refused, i_ may be either; what is read comes back the same."""
    cases = sorted(SUITE.rglob("*.json"))
    code = """
      local function case(name, text)
        local ok, value = pcall(json.decode, text)
        if name:sub(1, 2) == (ok and "n_" or "y_") then print(ok and "accepted" or "refused", name) end
        if ok and json.encode(json.decode(json.encode(value))) ~= json.encode(value) then print("changed", name) end
      end
    """ + "".join(
        f'case("{path.name}", "{"".join(f"{chr(92)}{byte:03d}" for byte in path.read_bytes())}")\n' for path in cases)
    assert len(cases) > 100 and run(moongate, code) == b""


# Files


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "yaml", "lua"])
def test_a_file_is_written_where_it_is_granted(moongate, form):
    (moongate.folder / "out").mkdir()
    text = run(moongate, f'output.{form}(list_gateways(), nil, {{ to = "out/report" }})', "--grant", f"write={moongate.folder}/out")
    assert text == b"" and os.listdir(moongate.folder / "out") == ["report"]
    assert (moongate.folder / "out/report").read_text().count("zurich-backup-01") == 1


@pytest.mark.parametrize("code", [r'output.json({ 1 }, nil, { to = "r\xE9sum" })', r'chart.spark{ 1 }:svg("r\xE9sum")'])
def test_a_name_that_is_no_text_is_no_file(moongate, code):
    """The report went to stdout instead."""
    result = moongate("--local", "--grant", f"write={moongate.folder}", "-e", code)
    assert (result.code, result.stdout) == (252, "")
    assert "a file's name is UTF-8 text" in result.line()


def test_a_file_needs_a_grant(moongate):
    result = moongate("--local", "-e", 'output.csv({ { 1 } }, { 1 }, { to = "report" })')
    assert result.code == 251 and "--grant write=DIR" in result.stderr
    assert moongate("--local", "-e", 'chart.spark{ 1 }:svg("a.svg")').code == 251
    assert os.listdir(moongate.folder) == ["home"]


def test_a_run_that_fails_leaves_the_old_file(moongate):
    (moongate.folder / "report").write_text("old")
    code = 'output.csv(list_virtual_machines(), { { "x", function(vm) if vm.Name:find("db") then error("no") end return 1 end } }, { to = "report" })'
    result = moongate("--local", "--grant", f"write={moongate.folder}", "-e", code)
    assert result.code == 1 and "column x: " in result.stderr
    assert (moongate.folder / "report").read_text() == "old"
    assert sorted(os.listdir(moongate.folder)) == ["home", "report"]


def test_an_interrupted_run_leaves_nothing(moongate):
    code = 'output.csv(list_gateways(), { { "x", function() io.stderr:write("here\\n") sleep(60) end } }, { to = "report" })'
    process = moongate.start("--local", "--grant", f"write={moongate.folder}", "-e", code)
    assert process.stderr.readline() == b"here\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert shell_code(process.returncode) == 130 and os.listdir(moongate.folder) == ["home"]


def test_a_full_disk_is_told(moongate):
    done = moongate.shell('"$MOONGATE" --local -e "output.json(list_virtual_machines())" > /dev/full')
    assert done.code == 255 and "cannot write to stdout" in done.stderr
