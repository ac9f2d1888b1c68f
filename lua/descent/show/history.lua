-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The trace of a run, r.trace: how long it is and which columns it has.

return function(trace)
    local t = trace.t
    local rows = #t == 1 and "its start" or ("%d rows, t = 0 to %d"):format(#t, t[#t])
    return ("trace of a run: %s\ncolumns: %s"):format(rows, table.concat(trace.names, "  "))
end
