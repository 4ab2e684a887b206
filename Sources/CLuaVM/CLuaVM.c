#include "CLuaVM.h"
