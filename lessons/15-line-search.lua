-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "line-search", seed = 1, minutes = 20,
title = "Let every step find its own length: line search",
covers = { "A1", "C5", "C6", "P7", "X17" }, needs = { "derivatives", "formula" },
summary = "How to find the lowest place of a function of one number by closing in on it, what it \z
          costs to do so at every update, and why the walk then zigzags.",

text { id = "start", [[
So far you have chosen α. One can leave it to the machine: look along the
direction of descent, find the lowest place on that line, and go there. Then
choose a new direction.

The search is along a line, so it is about a function of one number.
]] },

figure { id = "curve", say = [[
Here is one, from 0 to 1:
]], [[
f = function(q)
    return 1 - 0.5*exp(-(q - 0.65)^2/0.1) - 0.45*exp(-(q - 0.35)^2/0.02)
end
plot.curve{f, from = 0, to = 1}]],
alt = "A curve that falls from 1 at the left to its lowest place, 0.33 near q = 0.38, rises to \z
      a shoulder of 0.5 near 0.6, and on to 0.85 at the right.",
see = [[
You see where it is lowest. The machine sees only the values it asks for.
]] },

demo { id = "four", say = [[
It asks at four places, a < b < c < d:
]], [[
a, b, c, d = 0, 0.33, 0.66, 1
f(a), f(b), f(c), f(d)]],
expect = { ["f(b)"] = { 0.379333, 1e-6 }, ["f(c)"] = { 0.496815, 1e-6 } },
},

choice { id = "drop", ask = [[
f(b) is below f(a) and below f(c). Which part is certain to hold a valley?
]],
yes = { "from a to c", "It comes down to b and goes up again to c. d can go." },
no = { { "from b to d", "It goes up from b to c. The valley around b would be cut in half." },
       { "from c to d", "Both ends are higher than b." } },
see = [[
So d becomes c, and new b and c are put at the thirds of what is left. Where
f(c) is lower, a becomes b. One case more: when a is lowest of all four, the
valley is close to a; then the three distances from a are halved.
]] },

code { id = "round", points = 5, fn = "round", returns = { "a", "b", "c", "d" },
ask = [[
Write one round; return the four new places.

    1. f(a) lowest of all:  b, c, d at half their distance from a
    2. else f(b) < f(c):    d becomes c
       else:                a becomes b
       then b and c at the thirds between a and d
]],
starter = [[
function round(f, a, b, c, d)
    local fa, fb, fc, fd = f(a), f(b), f(c), f(d)
    -- your rules
    return a, b, c, d
end]],
solution = [[
function round(f, a, b, c, d)
    local fa, fb, fc, fd = f(a), f(b), f(c), f(d)
    if fa < fb and fa < fc and fa < fd then
        return a, a + (b - a)/2, a + (c - a)/2, a + (d - a)/2
    end
    if fb < fc then d = c else a = b end
    return a, a + (d - a)/3, a + 2*(d - a)/3, d
end]],
given = function(r)
    local f = r:pick {
        "function(q) return q end", "function(q) return -q end",
        "function(q) return (q - 0.3)^2 end", "function(q) return (q - 1.7)^2 end",
        "function(q) return (q - 0.9)^2 + q^3/9 end", "function(q) return (q + 1)^2 end",
        "function(q) return (q - 0.8)^4 - (q - 0.8)^2 end",
        "function(q) return 4*q - q^2 - 3.9*q^3/6 end",
        "function(q) return q*(q - 1.2)*(q - 1.5) end",
        "function(q) return q*(1.6 - q) end", "function(q) return q - 0.9*q^2 + 0.3*q^3 end",
        "function(q) return q*(1 - q)*(2.2 - q)*5 end",
    }
    local a = r:pick { 0, 0.1, 0.25 }
    return r:fn(f), a, a + r:num(0.4, 0.7), a + r:num(0.8, 1.2), a + r:num(1.3, 2)
end,
mistakes = {
    { id = "no-rule-one", code = [=[
function round(f, a, b, c, d)
    local fb, fc = f(b), f(c)
    if fb < fc then d = c else a = b end
    return a, a + (d - a)/3, a + 2*(d - a)/3, d
end]=],
      say = "Rule 1 is missing: when f(a) is the lowest of the four, the distances from a are \z
            halved." },
    { id = "exchanged", swap = { "fb < fc then", "fb > fc then" },
      say = "Rule 2 is turned round: where f(b) < f(c) the valley lies left of c, so d goes." },
    { id = "old-ends", swap = { "    return a, a + (d - a)/3, a + 2*(d - a)/3, d",
      "    return a, b, c, d" },
      say = "The new b and c are missing: put them at the thirds between the new a and d." },
    { id = "b-only", swap = { "fa < fb and fa < fc and fa < fd", "fa < fb" },
      say = "Rule 1 asks that f(a) is below all three others, not only below f(b)." },
    { id = "to-d", swap = { "d = c else", "d = b else" },
      say = "In rule 2, d becomes c, not b: the valley may lie between b and c." },
    { id = "to-a", swap = { "a = b end", "a = c end" },
      say = "In rule 2, a becomes b, not c: the valley may lie between b and c." },
    { id = "from-zero", swap = { "return a, a + (b - a)/2, a + (c - a)/2, a + (d - a)/2",
      "return a, b/2, c/2, d/2" },
      say = "Rule 1 halves the distances from a: a + (b - a)/2. You halved b itself." },
},
same = { "line 3: `<` becomes `<=`", "line 6: `<` becomes `<=`" }, -- ties
hints = { "Rule 1: if fa < fb and fa < fc and fa < fd then return ... end",
          "Rule 2: if fb < fc then d = c else a = b end",
          "At the thirds: a + (d - a)/3 and a + 2*(d - a)/3." },
},

demo { id = "ten", say = [[
Ten rounds, from 0, 0.33, 0.66, 1. The answer is the middle of b and c.
]], [[
a, b, c, d = 0, 0.33, 0.66, 1
for i = 1, 10 do a, b, c, d = round(f, a, b, c, d) end
(b + c)/2, f((b + c)/2)]],
expect = { ["(b + c)/2"] = { 0.383231, 1e-6 }, ["f((b + c)/2)"] = { 0.328758, 1e-6 } },
see = [[
The true place is 0.380322. Ten rounds came within 0.003.
]] },

figure { id = "closing", say = [[
line_search(f, {from = 0, to = 1, rounds = 10}) gives the same. Its first two
rounds; what is shaded stays:
]], [[
plot.bracket{f, from = 0, to = 1, rounds = 2}]],
alt = "Two panels with the curve and the places a, b, c, d. Round 1: b is below c, d is dropped. \z
      Round 2: c is below b, a is dropped. What is left holds the lowest place.",
},

number { id = "shrink", ask = [[
Each round of rule 2 keeps two of three thirds. From 1 to 0.01: about how
many rounds? (2/3)^n = 0.01
]],
answer = { 11.4, 0.7 }, from = "log(0.01)/log(2/3)",
wrong = { { 100, "It shrinks by a factor each time, not by a hundredth.", 1 },
          { 6.6, "That would be with halves.", 0.3 } },
hints = { "log(0.01)/log(2/3)" } },

predict { id = "fired", ask = [[
One rule of yours was not used in these ten rounds. If it had been written
wrongly, would you have noticed?
]],
yes = { "no: 0.383231 comes out all the same", "Rule 1 never fires on this f. A test that does \z
                                                not reach a rule says nothing about it." },
no = { { "yes, the result would be off", "a was never the lowest of the four. The rule was not \z
                                          asked." } },
run = [[
other = function(f, a, b, c, d)            -- without rule 1
    if f(b) < f(c) then d = c else a = b end
    return a, a + (d - a)/3, a + 2*(d - a)/3, d
end
a, b, c, d = 0, 0.33, 0.66, 1
for i = 1, 10 do a, b, c, d = other(f, a, b, c, d) end
(b + c)/2]],
expect = { ["(b + c)/2"] = { 0.383231, 1e-6 } },
},

number { id = "linear", ask = [[
A function on which it is needed: f(q) = q, lowest at a itself. Start with
0, 0.33, 0.66, 1. Where is d after ten rounds?
]],
answer = { 0.0009765625, 2e-6 }, from = "1/2^10",
wrong = { { 0.0173415, "Rule 2 would shrink by 2/3. Here rule 1 halves.", 1e-4 },
          { 0.05, "It is halved ten times: 1/2^10." },
          { 0.1, "Not a tenth each: halved each time." } },
hints = { "Halved, ten times.", "1/2^10" } },

text { id = "descent", [[
Now descent with it. At each update: take the gradient; search along it,
with t from 0 to 0.1, for the lowest L[φ − t·∂L/∂φ], fifteen rounds; go
there.
]] },

demo { id = "line", [[
L = loss.least_squares(model.line, data.line12)
r = descend(L, optim.line_search{max = 0.1}, {start = {1.6, -0.5}})
r:step().loss
r:step(9).loss]],
expect = { ["r.loss"] = { 0.213405, 1e-6 }, ["r.trace.loss[2]"] = { 2.835363, 1e-6 } },
see = [[
From 5.02 to 0.2134 in ten updates, and nobody chose an α.
]] },

number { id = "cost", ask = [[
Four values of the loss in a round, fifteen rounds in a search, ten
searches. How many values of the loss in all?
]],
answer = { 600, 0.5 }, from = "r.evaluations.losses",
wrong = { { 40, "Four in each ROUND, and a search has fifteen rounds. (A slip in print: four per \z
                 step.)" },
          { 60, "That is for one update. There were ten." },
          { 150, "Four values in each round." } },
hints = { "4 * 15 * 10", "r.evaluations.losses" } },

number { id = "reused", ask = [[
That is wasteful. Rule 2 drops d, say: a stays, c becomes d, and b and c are
put elsewhere. Of the four places of the next round, at how many is f known
already?
]],
answer = { 2, 0.1 },
wrong = { { 3, "b moves to the new third: its old value is of no use." },
          { 1, "a, and another one: the new d was c." },
          { 4, "The new b and c are at new places." } },
hints = { "Which of a, b, c, d lie where they, or another letter, lay before?" },
see = [[
Who keeps the two asks 4 + 14·2 = 32 times a search instead of 60.
]] },

predict { id = "compare", ask = [[
Plain descent with α = 0.037, nearly the best there is, needs one
gradient for an update. How many updates until it is at 0.2134?
]],
yes = { "about 20", "19 gradients, against 10 gradients and 600 losses." },
no = { { "about 10, as many", "It needs more updates. But each is so much cheaper." },
       { "about 200", "With α = 0.01 it takes 67. This is nearly the best α." } },
run = [[
plain = descend(L, optim.gd{alpha = 0.037}, {start = {1.6, -0.5}})
while plain.loss > r.loss do plain:step() end
plain.t]],
expect = { ["plain.t"] = { 19, 0.1 } },
see = [[
The best step at each place is not the best walk. Look at it:
]] },

figure { id = "zigzag", [[
plot.surface{L, r, phi0 = {0.4, 1.8}, phi1 = {-0.6, 1}}]],
alt = "A path from (1.6, -0.5) into a long valley that runs to the upper left: straight down, \z
      then left along, down, along, in ever smaller zigzags towards (0.83, 0.52).",
},

predict { id = "angle", ask = [[
What angle is there between one step and the next?
]],
yes = { "90 degrees", "Always, up to the precision of the search." },
no = { { "it gets smaller on the way", "Look at the numbers: 90, 90, 90." },
       { "about 45 degrees", "The axes of the picture have different scales. It is 90." },
       { "about 180 degrees: it turns back", "It never turns back. It stops where it is \z
                                              lowest." } },
run = [[
p = r.trace.phi
for i = 2, 6 do
    local u, v = p:row(i) - p:row(i - 1), p:row(i + 1) - p:row(i)
    print(acos(dot(u, v)/(u:norm()*v:norm()))*180/pi)
end]],
expect = { ["acos(dot(p:row(3) - p:row(2), p:row(4) - p:row(3))/((p:row(3) - p:row(2)):norm()\z
*(p:row(4) - p:row(3)):norm()))*180/pi"] = { 89.99, 0.02 } },
},

choice { id = "why", ask = [[
Why a right angle?
]],
yes = { "at the lowest place along the line, the slope along it is 0",
        "So the new gradient has no part along the old direction: it stands across it." },
no = { { "the step overshoots and must come back", "It stops at the lowest place: nothing \z
                                                    overshoots." },
       { "φ₀ and φ₁ are searched in turn", "The directions are those of the gradient, not the \z
                                            axes." },
       { "the contours are circles", "On circles the first step would hit the middle." } } },

demo { id = "alternate", say = [[
And the lengths t that it found:
]], [[
r.trace.alpha:slice(2, 11)]],
expect = { ["r.trace.alpha[2]"] = { 0.02277, 1e-4 }, ["r.trace.alpha[3]"] = { 0.09806, 1e-4 } },
see = [[
Short, long, short, long: down into the valley, along it, ...
]] },

text { id = "cures", [[
The trouble is the valley, 12.5 times as sharp across as along. What makes
it so long? The x all lie on one side of 0: a steeper line must also start
lower. Move them, and the two parameters have less to do with each other.
]] },

try { id = "shift", ask = [[
Subtract a number from all x, and look at how much sharper the valley is
across than along:

    shift = 0.5
    c = data.line12:with{x = data.line12.x - shift}
    C = loss.least_squares(model.line, c)
    e = eigenvalues(C:hessian{0, 0})
    e[2]/e[1]

Find a shift that brings it below 2.9, and enter all five lines anew.
]],
goal = function(x) local e = x.eigenvalues(x.C:hessian { 0, 0 }) return e[2] < 2.9*e[1] end,
near = { { by = "shift = 0.5\nc = data.line12:with{x = data.line12.x - shift}\n\z
                C = loss.least_squares(model.line, c)",
           when = function(x)
               local e = x.eigenvalues(x.C:hessian { 0, 0 })
               return e[2] >= 2.9*e[1] and x.shift < 0.9
           end, say = "Better than 12.5. Further: which number is in the middle of all x?" },
         { by = "shift = 2\nc = data.line12:with{x = data.line12.x - shift}\n\z
                C = loss.least_squares(model.line, c)",
           when = function(x)
               local e = x.eigenvalues(x.C:hessian { 0, 0 })
               return e[2] >= 2.9*e[1] and x.shift > 1
           end, say = "Too far: now they lie on the other side." } },
solution = "shift = data.line12.x:mean()\nc = data.line12:with{x = data.line12.x - shift}\n\z
           C = loss.least_squares(model.line, c)",
hints = { "The mean of all x: data.line12.x:mean()", "shift = 0.95" },
see = [[
The mean is best: 2.88. Subtracting it is called centring.
]] },

demo { id = "centred", say = [[
How many updates to come within 0.000001 of the lowest loss, with the best
fixed α for each: as it was, and centred?
]], [[
c = data.line12:with{x = data.line12.x - data.line12.x:mean()}
C = loss.least_squares(model.line, c)
for _, K in ipairs{L, C} do
    local e = eigenvalues(K:hessian{0, 0})
    local g = descend(K, optim.gd{alpha = 2/(e[1] + e[2])},
        {start = {1.6, -0.5}})
    while g.loss > 0.199866357 + 1e-6 do g:step() end
    print(e[2]/e[1], g.t)
end]],
expect = { ["eigenvalues(C:hessian{0, 0})[2]/eigenvalues(C:hessian{0, 0})[1]"] =
    { 2.88247, 1e-4 } },
see = [[
49 updates, and 11. Data were changed, no method.
]] },

predict { id = "other-cures", ask = [[
Two other cures leave the data as they are. How many updates to 0.2134 do
they need: momentum with α = 0.08, β = 0.5, and Newton's step? Line search
made 10.
]],
yes = { "7 and 1", "And 7 gradients, no search. The zigzags cancel in the average." },
no = { { "about 70, and 10", "Momentum averages the zigzags away: it is fast here." },
       { "7 and 7", "On squares of a line Newton's first step is the last." } },
run = [[
m = descend(L, optim.momentum{alpha = 0.08, beta = 0.5},
    {start = {1.6, -0.5}}):converge{loss = 0.2134}
n = descend(L, optim.newton{}, {start = {1.6, -0.5}})
m.t, n:converge{loss = 0.2134}.t]],
expect = { ["m.t"] = { 7, 0.1 }, ["n.t"] = { 1, 0.1 } },
},

text { id = "summary", [[
What you have now:

    bracket    four places that close in: 2/3 of the width each round
    rule 1     needed when the lowest place is at the near end
    cost       4 losses a round, 60 a step; 32 if two are kept
    zigzag     each step at a right angle to the last, by its nature
    cures      centre the data; momentum; Newton

To try next: optim.line_search{method = "backtrack"} stops at the first
step that is good enough. How many losses does it take to 0.2134, and how
many updates?
]] },
}
