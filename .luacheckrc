-- SPDX-License-Identifier: GPL-3.0-or-later
std = "lua54"
max_line_length = 100
codes = true
-- A method takes self, and a callback its arguments, whether it needs them or not.
self = false
unused_args = false
ignore = {
    "12[12]", -- print, require and io.write are put in place of themselves, and back
    "311",    -- a value is let go by nil
    "4[23]1", -- an inner name may be an outer one's
    "581",    -- not (x > 0) is true of NaN, x <= 0 is not
}
-- Lessons and exercises are data, in calls of the steps' names; tests and scripts run with the names
-- of the language global, which descent checks itself.
files["lessons"] = { ignore = { "11", "211", "212" } }
files["tests"] = { ignore = { "11" } }
files["tests/lua/test_derivative.lua"] = { ignore = { "211" } } -- a function that returns nothing
files["scripts"] = { ignore = { "113" } }
exclude_files = { "tests/fuzz", "build" }
