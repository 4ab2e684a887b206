#!/usr/bin/env python3
"""Checks what a script can check of the rule that no Lua error ever jumps over a Swift frame (CONTRIBUTING.md).

Prints each breach as file: function: what, and ends with 1 if there is one.
"""
import re
import sys
from pathlib import Path

from lua_api import CLASSES

ROOT = Path(__file__).resolve().parents[2]

# Calls that the rules would refuse and that are right: (function, call) and why.
ALLOWED = {
    ("lvm_next", "lua_next"): "raises only for a key that is not in the table; the traversal changes nothing",
    ("lvm_set_field", "lua_rawset"): "the key is a string",
    ("set_member", "lua_rawset"): "the key is a string",
    ("fill", "lua_rawset"): "the keys are strings",
    ("lvm_set_target", "lua_rawset"): "the key is a record",
    ("lvm_push_where", "lua_pushfstring"): "raises for a bad format only; memory it has, in the host section",
    ("panic", "lua_tolstring"): "a string, which it only reads",
    ("lvm_string", "lua_tolstring"): "a string, which it only reads",
}


def functions(source):
    """Name, comment above, and body of each function of a C file."""
    comments = [(m.end(), m.group()) for m in re.finditer(r"(?://[^\n]*\n)+", source)]
    plain = re.sub(r"//[^\n]*", lambda m: " " * len(m.group()), source)
    plain = re.sub(r'"(?:\\.|[^"\\\n])*"', lambda m: '"' + " " * (len(m.group()) - 2) + '"', plain)
    for match in re.finditer(r"^[\w \t*]*?\b(\w+)\([^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*\{", plain, re.M):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(plain[end], 0)
            end += 1
        above = next((text for at, text in comments if at == match.start()), "")
        yield match.group(1), above, plain[match.end() : end]


def check_c(name, source):
    """Breaches in one C file of CLuaVM."""
    head = re.match(r"(?://[^\n]*\n)*", source).group()
    host_file = "Host section only" in head.replace("\n// ", " ")
    for function, comment, body in functions(source):
        host = host_file or "Host section" in comment
        if function.startswith("body_"):
            continue  # a protected body: runs under lua_pcall or is called by Lua
        for call in re.findall(r"\b(luaL?_\w+|body_\w+)\s*\(", body):
            kind = CLASSES.get(call)
            if (function, call) in ALLOWED:
                continue
            if call.startswith("body_"):
                yield f"{name}: {function}: calls the protected body {call} without protection"
            elif kind is None:
                yield f"{name}: {function}: {call} is not in lua_api.py"
            elif kind in "ev":
                yield f"{name}: {function}: {call} can raise [{kind}]; it belongs into a protected body, body_…"
            elif kind == "m" and not host:
                yield f"{name}: {function}: {call} allocates [m]; say 'Host section' in its comment, if that is where it runs"
        for outside in re.findall(r"leave_host\(.*?enter_host\(", body, re.S):
            for call in re.findall(r"\b(luaL?_\w+)\s*\(", outside):
                if CLASSES.get(call) != "-":
                    yield f"{name}: {function}: {call} stands outside the host section"


def check_tree(root):
    sources = root / "Sources"
    if re.search(r"\bheader\b", re.sub(r"//.*", "", (sources / "CLua/module.modulemap").read_text())):
        yield "CLua/module.modulemap: names a header, which makes Lua's symbols visible to Swift"
    doors = []
    for path in sorted(sources.rglob("*.[ch]")):
        name, text = str(path.relative_to(sources)), path.read_text()
        if path.parent.name == "CLuaVM" or "CLuaVM" in path.parts:
            if path.suffix == ".c":
                yield from check_c(name, text)
            doors += [name] * text.count("vm->call(")
        elif re.search(r"#include\s*<(lua5\.4/)?l(ua|auxlib|ualib)\.h>", text):
            yield f"{name}: includes Lua; only CLuaVM may"
    if doors != ["CLuaVM/door.c"]:
        yield f"CLuaVM: Swift is entered in {doors}; there is one door, in door.c"
    for path in sorted(sources.rglob("*.swift")):
        name, text = str(path.relative_to(sources)), path.read_text()
        for word in re.findall(r"@_silgen_name|@_extern|@_cdecl|\bdlsym\b|\blongjmp\b|^import CLua$", text, re.M):
            yield f"{name}: {word} is a way round the boundary"
        if re.search(r"^import CLuaVM$", text, re.M) and path.parent.name != "LuaRuntime":
            yield f"{name}: imports CLuaVM; only LuaRuntime may"


def check_itself():
    """The checker finds what is planted, and nothing in what is right."""
    planted = {
        "static void f(lua_State *L) { lua_error(L); }": "can raise",
        "static void f(lua_State *L) { lua_pushstring(L, s); }": "allocates",
        "static int f(lua_State *L) { return body_g(L); }": "without protection",
        "// Host section.\nvoid f(lua_State *L) { leave_host(vm); lua_newtable(L); enter_host(vm); }": "outside the host",
        "void f(lua_State *L) { lua_frobnicate(L); }": "is not in lua_api.py",
    }
    for source, expected in planted.items():
        found = list(check_c("planted", source))
        assert len(found) == 1 and expected in found[0], (source, found)
    right = "// Host section.\nvoid f(lua_State *L) { lua_pushstring(L, \"lua_error(\"); }\nint body_g(lua_State *L) { return lua_error(L); }"
    assert not list(check_c("right", right))


check_itself()
breaches = list(check_tree(ROOT))
print("\n".join(breaches) or "boundary: no breach")
sys.exit(bool(breaches))
