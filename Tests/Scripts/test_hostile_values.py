# Values and errors that are meant to crash, hang, flood or deceive whoever shows them.
import pytest

from attacks import ATTACKS, error_cases, here


@here
@pytest.mark.parametrize("case", error_cases())
def test_a_hostile_error_is_one_bounded_line(moongate, case):
    result = moongate(ATTACKS / "C06_hostile_error_objects.lua", case)
    assert (result.code, result.stdout) == (1, "")
    message, _, rest = result.stderr.partition("\n")
    assert message.startswith("moongate: ") and rest.startswith("stack traceback:"), result.stderr[:2000]
    assert len(message) < 8 << 10 and len(rest) < 4 << 10
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F or ord(c) == 0x202E for c in message), message


def test_a_text_that_takes_too_long_to_make_is_given_up(moongate):
    """Also one that catches the end of its time."""
    for loop in ("while true do end", "while true do pcall(function() while true do end end) end"):
        result = moongate("-e", f"error(setmetatable({{}}, {{ __tostring = function() {loop} end }}))")
        assert result.code == 1 and "could not be shown" in result.stderr


@pytest.mark.parametrize(
    "value, text",
    [("nil", "nil"), ("-0.0", "-0.0"), ("2^63", "9.2233720368548e+18"), ("0/0", "nan"), ("1/0", "inf"), ("1e15", "1e+15"),
     ("math.mininteger", "-9223372036854775808")],
)  # fmt: skip
def test_odd_numbers_are_printed_unambiguously(moongate, value, text):
    assert moongate("-e", f"print({value})").stdout.strip().lstrip("-").endswith(text.lstrip("-"))


def test_bytecode_is_refused_by_its_name(moongate):
    moongate.write("compiled.lua", b"\x1bLuaT\x00\x19\x93\r\n\x1a\n")
    result = moongate("compiled.lua")
    assert (result.code, result.line()) == (
        1, "moongate: compiled.lua: binary chunks are not allowed; give the script's text",
    )  # fmt: skip


def test_ten_thousand_errors_of_the_host_leave_nothing_behind(moongate):
    code = """
      local function rss() return collectgarbage("count") end
      local function round() for i = 1, 5000 do pcall(get_gateway, i) pcall(timestamp, {}) end collectgarbage() end
      round()
      local before = rss()
      round()
      assert(rss() - before < 200, rss() - before)
    """
    result = moongate("--local", "-e", code)
    assert result.code == 0, result.stderr


TRAPS = """
  local trap = function() error("trapped") end
  local cyclic = {} cyclic[1] = cyclic
  local deep = {} do local t = deep for i = 1, 200000 do t[1] = {} t = t[1] end end
  return {
    setmetatable({}, { __index = trap, __pairs = trap, __len = trap, __tostring = trap, __call = trap, __eq = trap }),
    setmetatable({}, { __index = function() coroutine.yield("y") end, __pairs = function() coroutine.yield("y") end }),
    setmetatable({}, { __index = function(t, k) collectgarbage() rawset(t, k, k) return k end }),
    cyclic, deep, print, coroutine.create(print), { x = 0/0 }, { x = 1/0 }, { 1, 2, a = 3 }, { [1] = 1, [1000000] = 2 },
    { [{}] = 1 }, { ["a\\0b"] = "c\\0d" }, { x = "\\xff\\xfe" }, { x = ("x"):rep(3000000) }, { x = math.maxinteger },
    { x = "a\\r\\nX-Evil: 1" }, 0/0, 1/0, -1/0, math.maxinteger, math.mininteger, 2^53, 2^63, 1e308, -0.0, "", "\\0", "\\xff",
    ("x"):rep(3000000), true, now(),
  }
"""
# These end the run, wait, or ask, as they should.
NOT_CALLED = {"exit", "sleep", "wait", "wait_until", "secret", "show", "help", "chart", "output", "progress", "require"}


def test_every_function_of_ours_takes_every_hostile_argument(moongate):
    """Each gives a value or raises an error of Lua; the process lives, whatever it is given."""
    code = f"""
      local traps = (function() {TRAPS} end)()
      local skip = {{ {", ".join(f"{name} = true" for name in NOT_CALLED)} }}
      local calls, names = 0, {{}}
      local function try(f, name)
        if type(f) == "table" then
          for key, member in pairs(f) do if type(member) == "function" then try(member, name .. "." .. tostring(key)) end end
          return
        end
        if type(f) ~= "function" then return end
        pcall(f) pcall(f, nil, nil)
        for _, trap in ipairs(traps) do
          for _, arguments in ipairs{{ {{ trap, n = 1 }}, {{ "x", trap, n = 2 }}, {{ trap, trap, trap, trap, n = 4 }} }} do
            calls = calls + 1
            local co = coroutine.create(f)
            coroutine.resume(co, table.unpack(arguments, 1, arguments.n))
            pcall(f, table.unpack(arguments, 1, arguments.n))
          end
        end
        names[#names + 1] = name
      end
      for name, f in pairs(moongate) do if not skip[name] and f ~= moongate then try(f, name) end end
      io.stderr:write(#names, " functions, ", calls, " calls\\n")
    """
    moongate.write("traps.lua", code)
    result = moongate("--local", "--read-only", "traps.lua", timeout=300)
    assert result.code == 0 and "functions" in result.stderr, result.stderr[-2000:]
