-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "schedule", seed = 1,
title = "A learning rate that falls",
covers = { "D4" },
task = [[
Two schedules. t is the number of the coming update, 1 for the first.

step_rate     alpha for the first `every` updates, then alpha·factor for the
              next `every`, then alpha·factor², and so on
inverse_rate  alpha/(1 + decay·(t − 1)): alpha itself at t = 1

rates lists step_rate for the updates 1 to steps.
]],
starter = [[
function step_rate(t, alpha, factor, every)
    return alpha
end

function inverse_rate(t, alpha, decay)
    return alpha
end

function rates(alpha, factor, every, steps)
    local list = {}
    return list
end
]],
solution = [[
function step_rate(t, alpha, factor, every)
    return alpha*factor^((t - 1)//every)
end

function inverse_rate(t, alpha, decay)
    return alpha/(1 + decay*(t - 1))
end

function rates(alpha, factor, every, steps)
    local list = {}
    for t = 1, steps do
        list[t] = step_rate(t, alpha, factor, every)
    end
    return list
end
]],
calls { id = "step", title = "step_rate", points = 3, fn = "step_rate", returns = { "the rate" },
trials = 40,
given = function(r)
    return r:int(1, 12), r:num(0.1, 1), r:pick { 0.5, 0.1, 0.9 }, r:pick { 1, 2, 3, 4 }
end },
calls { id = "inverse", title = "inverse_rate", points = 2, fn = "inverse_rate",
returns = { "the rate" },
given = function(r) return r:int(1, 12), r:num(0.1, 1), r:num(0.1, 2) end },
calls { id = "list", title = "rates", points = 1, fn = "rates", returns = { "rates" },
given = function(r) return r:num(0.1, 1), r:pick { 0.5, 0.1 }, r:pick { 2, 3 }, r:int(3, 9) end },

mistakes = {
    { id = "early", title = "first cut one update too early",
      swap = { "(t - 1)//every", "t//every" },
      say = "The first cut comes one update too early: the updates 1 to `every` have the whole \z
             alpha, the next one the first cut." },
    { id = "smooth", title = "falls smoothly", swap = { "(t - 1)//every", "(t - 1)/every" },
      say = "It falls a little at each update. A step schedule stays the same for `every` \z
             updates: // divides without the rest." },
    { id = "subtracts", title = "factor times the count", swap = {
      "alpha*factor^((t - 1)//every)", "alpha*factor*((t - 1)//every)" },
      say = "The factor comes once more with every cut: a power, not a multiple." },
    { id = "once", title = "cut only once", swap = { "alpha*factor^((t - 1)//every)",
      "(t > every and alpha*factor or alpha)" },
      say = "It is cut only once. Every further `every` updates bring another factor." },
    { id = "inverse-early", title = "t in place of t − 1", swap = { "decay*(t - 1)", "decay*t" },
      say = "It begins one update too late in the formula: at t = 1 the rate is alpha itself." },
    { id = "inverse-plus", title = "1 + missing", swap = { "(1 + decay*(t - 1))", "(decay*t)" },
      say = "The 1 + is missing, which makes the first rate alpha." },
    { id = "list-short", title = "one rate too few",
      swap = { "t = 1, steps do", "t = 1, steps - 1 do" },
      say = "One rate is missing: they are for the updates 1 to steps." },
},
hints = {
    "How many cuts have there been before update t? None while t − 1 < every.",
    "(t - 1)//every is that number: // divides and leaves the rest out.",
    "alpha*factor^((t - 1)//every)",
},
after = [[
schedule.step{alpha = 0.8, factor = 0.5, every = 10} is the first one, ready
for any optimizer's alpha.
]] }
