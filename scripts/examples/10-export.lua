-- SPDX-License-Identifier: GPL-3.0-or-later
-- Writes a run down as a PyTorch program that repeats it, batch for batch, and prints it.

local L = loss.least_squares(model.gabor, data.gabor30)
local r = fit(L, optim.adam{alpha = 0.2}, {start = {-1.5, 6.5}, batch = 5, seed = 1, steps = 200})
print(r)

local file = arg[1] or os.tmpname()
export(r, file, {to = "torch"}) -- or to = "numpy"
for line in io.lines(file) do print(line) end
if not arg[1] then os.remove(file) end
print(("python3 %s prints %.9g last"):format(arg[1] or "fit.py", r.loss))
