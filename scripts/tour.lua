-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- tour.lua: the program in a few seconds, without a terminal. As a script it is plain Lua: values
-- are shown with print. Run it with:  descent scripts/tour.lua

local function title(text)
    print("\n" .. text .. "\n" .. ("-"):rep(#text))
end

title("A straight line through twelve points")

local d = data.line12
local L = loss.least_squares(model.line, d)
print(d)
print("\nthe loss of a poor line, L(0.6, -0.2):", L(0.6, -0.2))
print("its gradient:", L:gradient{0.6, -0.2})
print("where it comes from:")
print(L:derivative())

-- A run is a value: it stands at its start and can be stepped, forward and back.
local r = descend(L, optim.gd{alpha = 0.01}, {start = {1.6, -0.5}})
r:step()
print("\none update of gradient descent, with its numbers:")
explain(r)

r:step(99)
print("\nafter 100 updates:")
print(r)
plot(r)

title("Too large a step")

-- 2/λ with the largest eigenvalue λ of the Hessian bounds the step size.
local curvatures = eigenvalues(L:hessian{1.6, -0.5})
print("curvatures:        ", curvatures)
print("largest safe alpha:", ("%.6f"):format(2/curvatures[2]))
local runs = {}
for i, alpha in ipairs{0.001, 0.01, 0.037, 0.041} do
    runs[i] = descend(L, optim.gd{alpha = alpha}, {start = {1.6, -0.5}})
    runs[i]:step(100)
    print(("alpha = %.3f: loss %.6g after 100 updates"):format(alpha, runs[i].loss))
end
plot.loss{runs[1], runs[2], runs[3], runs[4], log = true}

title("A model of one's own, with many valleys")

-- Any Lua function of x and the parameters: its derivatives are found, not written.
local wave = model(function(x, phi0, phi1)
    local u = phi0 + 0.06*phi1*x
    return sin(u)*exp(-u^2/32)
end)
local G = loss.least_squares(wave, data.gabor30)
print(G)
print("\nits gradient against finite differences:")
local worst = G:check{0.6, -0.2}
print(("worst relative error: %.1e"):format(worst))

local a = descend(G, optim.adam{alpha = 0.2}, {start = {-1.5, 6.5}, batch = 5, seed = 1})
a:step(200)
print("\nAdam on batches of five:")
print(a)
plot.surface{G, a, phi0 = {-10, 10}, phi1 = {2.5, 22.5}}

print('\nNow start descent and type  lesson "line"')
