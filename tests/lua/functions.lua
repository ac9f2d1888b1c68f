-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- The literature's test functions of x and y, by name: the formula, which Python reads too where ^
-- is written **, a start, the minimum that is sought from there, and the value at it.

local functions = {
    rosenbrock = { "(1 - x)^2 + 100*(y - x^2)^2", start = { -1.2, 1 }, at = { 1, 1 }, least = 0 },
    beale = { "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
              start = { 1, 1 }, at = { 3, 0.5 }, least = 0 },
    himmelblau = { "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
                   start = { 0, 0 }, at = { 3, 2 }, least = 0 },
    booth = { "(x + 2*y - 7)^2 + (2*x + y - 5)^2", start = { 0, 0 }, at = { 1, 3 }, least = 0 },
    matyas = { "0.26*(x^2 + y^2) - 0.48*x*y", start = { 3, 2 }, at = { 0, 0 }, least = 0 },
    mccormick = { "sin(x + y) + (x - y)^2 - 1.5*x + 2.5*y + 1", start = { -0.2, -1 },
                  at = { 0.5 - math.pi/3, -0.5 - math.pi/3 },
                  least = -math.sqrt(3)/2 - math.pi/3 },
    three_hump_camel = { "2*x^2 - 1.05*x^4 + x^6/6 + x*y + y^2",
                         start = { 0.5, -0.4 }, at = { 0, 0 }, least = 0 },
    six_hump_camel = { "(4 - 2.1*x^2 + x^4/3)*x^2 + x*y + (4*y^2 - 4)*y^2",
                       start = { 0.2, -0.6 }, at = { 0.0898420131, -0.712656403 },
                       least = -1.0316284535 },
    goldstein_price = { "(1 + (x + y + 1)^2*(19 - 14*x + 3*x^2 - 14*y + 6*x*y + 3*y^2))"
                        .. "*(30 + (2*x - 3*y)^2*(18 - 32*x + 12*x^2 + 48*y - 36*x*y + 27*y^2))",
                        start = { 0.3, -0.8 }, at = { 0, -1 }, least = 3 },
    styblinski_tang = { "(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2", start = { -1, -1 },
                        at = { -2.903534, -2.903534 }, least = -78.33233 },
    levy13 = { "sin(3*pi*x)^2 + (x - 1)^2*(1 + sin(3*pi*y)^2) + (y - 1)^2*(1 + sin(2*pi*y)^2)",
               start = { 1.2, 0.8 }, at = { 1, 1 }, least = 0 },
    easom = { "-cos(x)*cos(y)*exp(-(x - pi)^2 - (y - pi)^2)", start = { 2.8, 3.3 },
              at = { math.pi, math.pi }, least = -1 },
    rastrigin = { "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)",
                  start = { 0.3, -0.2 }, at = { 0, 0 }, least = 0 },
    -- A cusp at its minimum.
    ackley = { "-20*exp(-0.2*sqrt(0.5*(x^2 + y^2))) - exp(0.5*(cos(2*pi*x) + cos(2*pi*y)))"
               .. " + exp(1) + 20", start = { 0.3, 0.2 }, at = { 0, 0 }, least = 0 },
}

for _, one in pairs(functions) do
    one.call = assert(load("return function(x, y) return " .. one[1] .. " end"))()
end

return functions
