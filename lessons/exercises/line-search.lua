-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "line-search", seed = 1,
title = "Line search by bracketing: four points move in",
covers = { "P12", "C5" },
task = [[
A function f of one variable, and four points a < b < c < d. narrow makes
one round, by the first of these rules that applies:

    1. f(a) is the lowest of the four: b, c and d each go half the way to a
    2. f(b) < f(c):                    d becomes c
    3. otherwise:                      a becomes b

After 2 and 3 the new b and c lie at one and two thirds between a and d.
Return the four new points.

search makes `rounds` rounds from the points it is given, and returns the
place (b + c)/2.
]],
starter = [[
function narrow(f, a, b, c, d)
    return a, b, c, d
end

function search(f, a, b, c, d, rounds)
    return a
end
]],
solution = [[
function narrow(f, a, b, c, d)
    local fa, fb, fc, fd = f(a), f(b), f(c), f(d)
    if fa < fb and fa < fc and fa < fd then
        return a, a + (b - a)/2, a + (c - a)/2, a + (d - a)/2
    end
    if fb < fc then
        d = c
    else
        a = b
    end
    return a, a + (d - a)/3, a + 2*(d - a)/3, d
end

function search(f, a, b, c, d, rounds)
    for round = 1, rounds do
        a, b, c, d = narrow(f, a, b, c, d)
    end
    return (b + c)/2
end
]],

calls { id = "halve", title = "narrow, where a is lowest", points = 3, fn = "narrow",
returns = { "a", "b", "c", "d" }, trials = 12,
given = function(r)
    local a, s = r:num(-1, 1), r:num(0.5, 2)
    local f = r:fn(("function(x) return %g*(x + %g)^2 end"):format(s, 2.013 + r:num(0, 1)))
    return f, a, a + 0.33*s, a + 0.66*s, a + s
end },

calls { id = "drop", title = "narrow, where it is not", points = 4, fn = "narrow",
returns = { "a", "b", "c", "d" }, trials = 24,
given = function(r)
    local a, s = r:num(-1, 1), r:num(0.5, 2)
    local low = a + s*r:pick { 0.212, 0.312, 0.412, 0.612, 0.712, 0.812, 0.912 }
    local f = r:fn(("function(x) return (x - %g)^2 end"):format(low))
    return f, a, a + 0.33*s, a + 0.66*s, a + s
end },

calls { id = "search", title = "search: many rounds", points = 3, fn = "search",
returns = { "the place" }, trials = 16,
given = function(r)
    local s = r:num(0.5, 2)
    local low = r:num(-0.5, 2) + 0.0137
    local f = r:fn(("function(x) return (x - %g)^2 + 0.1*(x - %g)^4 end"):format(low, low))
    return f, 0, 0.33*s, 0.66*s, s, r:int(3, 9)
end },

calls { id = "work", title = "search, with no more calls of f than needed", points = 2,
fn = "search", asks = { f = 1 }, returns = { "the place" }, trials = 4,
given = function(r)
    local low = r:num(-0.5, 2) + 0.0137
    local f = r:fn(("function(x) return (x - %g)^2 end"):format(low))
    return f, 0, 0.33, 0.66, 1, r:int(3, 9)
end },

mistakes = {
    { id = "no-halving", title = "first rule left out",
      swap = { "fa < fb and fa < fc and fa < fd", "false" },
      say = "Where f(a) is lowest, all three others come half the way towards a. f rises from the \z
             start there, and the bracket does not shrink towards it." },
    { id = "halved-b", title = "c and d halved with the new b",
      swap = { "a, a + (b - a)/2, a + (c - a)/2, a + (d - a)/2",
               "a, a + (b - a)/2, a + (b - a)/4, a + (b - a)/8" },
      say = "b, c and d each go half the way from where they are. Yours follow from b." },
    { id = "not-from-a", title = "halved without a",
      swap = { "a + (b - a)/2, a + (c - a)/2, a + (d - a)/2", "b/2, c/2, d/2" },
      say = "Half the way to a is a + (b − a)/2. b/2 is that only where a is 0." },
    { id = "exchanged", title = "second and third rule exchanged",
      swap = { "fb < fc", "fb > fc" },
      say = "The rules are exchanged: where f(b) < f(c), the minimum does not lie beyond c, and d \z
             comes in." },
    { id = "old-points", title = "b and c not placed anew",
      swap = { "return a, a + (d - a)/3, a + 2*(d - a)/3, d", "return a, b, c, d" },
      say = "b and c are not placed anew: they lie at the thirds between the new a and d." },
    { id = "thirds-of-d", title = "thirds without a",
      swap = { "a + (d - a)/3, a + 2*(d - a)/3", "d/3, 2*d/3" },
      say = "The thirds are counted from 0, not from a: a + (d − a)/3." },
    { id = "before-thirds", title = "thirds of the old bracket",
      swap = { "    if fb < fc then\n",
               "    local B, C = a + (d - a)/3, a + 2*(d - a)/3\n    if fb < fc then\n",
               "return a, a + (d - a)/3, a + 2*(d - a)/3, d", "return a, B, C, d" },
      say = "The thirds are those of the old bracket. First a or d moves, then b and c follow." },
    { id = "point-b", title = "b in place of the middle", swap = { "(b + c)/2", "b" },
      say = "The place is the middle of b and c." },
    { id = "middle-ad", title = "middle of a and d", swap = { "(b + c)/2", "(a + d)/2" },
      say = "The place is the middle of b and c. After a halving that is not the middle of a \z
             and d." },
    { id = "one-round", title = "one round too many",
      swap = { "round = 1, rounds", "round = 0, rounds" },
      say = "It makes one round too many." },
},
same = { "line 3: `<` becomes `<=`", "line 6: `<` becomes `<=`" },
hints = {
    "Call f four times and keep the values: fa, fb, fc, fd.",
    "Rule 1: if fa < fb and fa < fc and fa < fd then return a, a + (b - a)/2, ... end",
    "Rules 2 and 3 move one end; then b = a + (d - a)/3 and c = a + 2*(d - a)/3.",
    "search: a, b, c, d = narrow(f, a, b, c, d) in a loop.",
},
after = [[
line_search(f) does the same and shows its rounds; plot.bracket(f) draws
them.
]] }
