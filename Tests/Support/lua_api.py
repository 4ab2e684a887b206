# What each function of Lua 5.4's C API may do, as its manual classifies them (section 4, the third letter of the
# indicator): "-" never raises, "m" only for lack of memory, "v" as explained there, "e" anything, since it may run code.
# Corrected by the source of 5.4.4 where the manual is too kind or too strict; each correction says why.
MANUAL = {
    "-": """
        luaL_addsize luaL_buffaddr luaL_buffinit luaL_bufflen luaL_buffsub luaL_dostring luaL_loadbuffer
        luaL_loadbufferx luaL_loadstring luaL_newstate luaL_opt luaL_pushfail luaL_setmetatable luaL_typename
        luaL_unref lua_absindex lua_atpanic lua_checkstack lua_close lua_copy lua_dump lua_gc lua_getallocf
        lua_getextraspace lua_gethook lua_gethookcount lua_gethookmask lua_getiuservalue lua_getlocal
        lua_getmetatable lua_getstack lua_gettop lua_getupvalue lua_insert lua_isboolean lua_iscfunction
        lua_isfunction lua_isinteger lua_islightuserdata lua_isnil lua_isnone lua_isnoneornil lua_isnumber
        lua_isstring lua_istable lua_isthread lua_isuserdata lua_isyieldable lua_load lua_newstate lua_pcall
        lua_pcallk lua_pushboolean lua_pushcfunction lua_pushglobaltable lua_pushinteger lua_pushlightuserdata
        lua_pushnil lua_pushnumber lua_pushthread lua_pushvalue lua_rawequal lua_rawget lua_rawgeti lua_rawgetp
        lua_rawlen lua_remove lua_replace lua_resetthread lua_resume lua_rotate lua_setallocf lua_sethook
        lua_setiuservalue lua_setlocal lua_setmetatable lua_setupvalue lua_setwarnf lua_status
        lua_stringtonumber lua_toboolean lua_tocfunction lua_tointeger lua_tointegerx lua_tonumber lua_tonumberx
        lua_topointer lua_tothread lua_touserdata lua_type lua_typename lua_upvalueid lua_upvalueindex
        lua_upvaluejoin lua_version lua_warning lua_xmove
    """,
    "m": """
        luaL_addchar luaL_addgsub luaL_addlstring luaL_addstring luaL_addvalue luaL_buffinitsize luaL_dofile
        luaL_execresult luaL_fileresult luaL_getmetafield luaL_getmetatable luaL_gsub luaL_loadfile
        luaL_loadfilex luaL_newlib luaL_newlibtable luaL_newmetatable luaL_prepbuffer luaL_prepbuffsize
        luaL_pushresult luaL_pushresultsize luaL_ref luaL_setfuncs luaL_testudata luaL_traceback luaL_where
        lua_createtable lua_getinfo lua_newtable lua_newthread lua_newuserdatauv lua_pushcclosure
        lua_pushliteral lua_pushlstring lua_pushstring lua_rawset lua_rawseti lua_rawsetp lua_toclose
        lua_tolstring lua_tostring
    """,
    "v": """
        luaL_argcheck luaL_argerror luaL_argexpected luaL_checkany luaL_checkinteger luaL_checklstring
        luaL_checknumber luaL_checkoption luaL_checkstack luaL_checkstring luaL_checktype luaL_checkudata
        luaL_checkversion luaL_error luaL_optinteger luaL_optlstring luaL_optnumber luaL_optstring
        luaL_typeerror lua_error lua_next lua_pushfstring lua_pushvfstring lua_yield lua_yieldk
    """,
    "e": """
        luaL_callmeta luaL_getsubtable luaL_len luaL_openlibs luaL_requiref luaL_tolstring lua_arith lua_call
        lua_callk lua_closeslot lua_compare lua_concat lua_getfield lua_getglobal lua_geti lua_gettable lua_len
        lua_pop lua_register lua_setfield lua_setglobal lua_seti lua_settable lua_settop
    """,
}

CORRECTIONS = {
    "lua_rawset": "v",  # raises for a key that is nil or NaN
    "lua_rawsetp": "m",
    "lua_settop": "-",  # only a slot to be closed makes it more, and there is none outside scripts
    "lua_pop": "-",
    "luaL_testudata": "m",
    "luaL_loadbufferx": "-",
    "lua_tolstring": "m",  # converts a number in place; a string it only reads
    "lua_next": "v",
    "lua_isnone": "-", "lua_isnoneornil": "-", "lua_isnil": "-", "lua_istable": "-", "lua_isthread": "-",
    "luaL_argexpected": "v", "luaL_pushresultsize": "m", "luaL_buffinitsize": "m",
}

CLASSES = {name: kind for kind, names in MANUAL.items() for name in names.split()} | CORRECTIONS
