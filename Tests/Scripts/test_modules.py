# require: modules beside the script, in the user's folder, and Moongate's own; text only.
import pytest


def test_a_module_lies_beside_its_script(moongate):
    (moongate.folder / "lib/deep").mkdir(parents=True)
    moongate.write("lib/report.lua", "local name, place = ... return { name = name, place = place }")
    moongate.write("lib/deep/part.lua", "#!/usr/bin/env moongate\nreturn 'deep'")
    moongate.write(
        "lib/main.lua",
        "local r = require 'report' print(r.name, r.place, r == require('report'), require 'deep.part')",
    )
    result = moongate("lib/main.lua")
    assert (result.code, result.stdout) == (0, "report\tlib/report.lua\ttrue\tdeep\n"), result.stderr


def test_the_running_folder_is_not_looked_at(moongate):
    """Else a prompt, or a script by its path, in a hostile folder would run that folder's code."""
    moongate.write("json.lua", "print('hostile')")
    moongate.write("evil.lua", "print('hostile')")
    (moongate.folder / "scripts").mkdir()
    moongate.write("scripts/main.lua", "require 'json' print(pcall(require, 'evil'))")
    for arguments in (["scripts/main.lua"], ["-e", "require 'json' print(pcall(require, 'evil'))"]):
        result = moongate(*arguments)
        assert result.code == 0 and "hostile" not in result.stdout, result.stdout
        assert "there is no module 'evil'" in result.stdout


def test_then_comes_the_users_folder_then_moongates_own(moongate):
    folder = moongate.home / ".local/share/moongate/modules"
    folder.mkdir(parents=True)
    (folder / "mine.lua").write_text("return 'from home'")
    code = "print(require 'mine', require 'json' == json, require 'output' == output, require('time').now ~= nil)"
    assert moongate("-e", code).stdout == "from home\ttrue\ttrue\ttrue\n"
    other = moongate.folder / "data"
    (other / "moongate/modules").mkdir(parents=True)
    (other / "moongate/modules/mine.lua").write_text("return 'from XDG'")
    assert moongate("-e", "print(require 'mine')", env={"XDG_DATA_HOME": str(other)}).stdout == "from XDG\n"


def test_a_users_folder_is_absolute(moongate):
    """XDG_DATA_HOME=data would be a folder of whoever owns the current one."""
    folder = moongate.folder / "data/moongate/modules"
    folder.mkdir(parents=True)
    (folder / "mine.lua").write_text("print 'hostile'")
    result = moongate("-e", "print(pcall(require, 'mine'))", env={"XDG_DATA_HOME": "data"})
    assert result.stdout.startswith("false") and "hostile" not in result.stdout


@pytest.mark.parametrize(
    "module, message",
    [
        ("return +", "lib/x.lua:1:"),
        ("error('no luck')", "no luck"),
        ("\x1bLua", "binary"),
        ("require 'x'", "requires itself"),
    ],
)
def test_what_is_wrong_with_a_module_is_said(moongate, module, message):
    (moongate.folder / "lib").mkdir()
    moongate.write("lib/x.lua", module)
    moongate.write("lib/main.lua", "require 'x'")
    result = moongate("lib/main.lua")
    assert result.code in (1, 252) and message in result.stderr, result.stderr


@pytest.mark.parametrize("name", ["'../x'", "'/etc/passwd'", "'a..b'", "'.x'", "''", "'a\\0b'", "nil", "{}"])
def test_a_name_is_no_path(moongate, name):
    assert moongate("-e", f"print(pcall(require, {name}))").stdout.count("takes the name of a module") == 1


def test_a_module_that_is_nowhere_says_where_it_was_looked_for(moongate):
    moongate.write("main.lua", "require 'lib.nowhere'")
    stderr = moongate("main.lua").stderr
    assert "lib/nowhere.lua" in stderr and ".local/share/moongate/modules/lib/nowhere.lua" in stderr


def test_a_modules_body_may_call_the_service(moongate):
    moongate.write("fleet.lua", "return { count = list_gateways():count() }")
    moongate.write("main.lua", "print(coroutine.wrap(function() return require('fleet').count end)(), require('fleet').count)")
    result = moongate("--local", "main.lua")
    assert (result.code, result.stdout) == (0, "3\t3\n"), result.stderr


def test_shared_code_has_only_moongates_own(moongate):
    moongate.write("lib.lua", "return 1")
    moongate.write("main.lua", "print(require 'json' == json, (select(2, pcall(require, 'lib'))))")
    result = moongate("--local", "--untrusted", "main.lua")
    assert result.stdout.startswith("true\t") and "the script's header does not @require it" in result.stdout, result.stderr


def test_with_trust_luas_own_require_finds_them_too(moongate):
    moongate.write("lib.lua", "return 'beside'")
    moongate.write("main.lua", "print(require 'lib', require 'json' == json, require 'string' == string)")
    assert moongate("--trust", "main.lua").stdout.replace("\tlib.lua", "") == "beside\ttrue\ttrue\n"
