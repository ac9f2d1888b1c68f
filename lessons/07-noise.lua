-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "noise", seed = 1, minutes = 15,
title = "Noise: what it frees, what it spoils, and schedules",
covers = { "D4" }, needs = { "valleys", "batches" },
summary = "Does the noise of batches find better solutions? Counted honestly: it can. It never \z
          comes to rest, and that is what schedules are for.",

text { id = "start", [[
The gradient of a batch is right on average, and one alone is a noisy
opinion. So the walk trembles. Is that good or bad?
]] },

demo { id = "setup", [[
G = loss.least_squares(model.gabor, data.gabor30)
r = descend(G, optim.gd{alpha = 0.3},
    {start = {-1.5, 8.5}, batch = 5, seed = 1})
for t = 1, 6 do print(t, G(r.phi), r:step().loss) end]],
expect = { ["r.t"] = { 6, 0.1 } },
see = [[
The loss over all 30 examples before and after each of six updates. Some of
them take it up.
]] },

text { id = "better", [[
It is often said that the noise helps to find better solutions: it shakes
the run out of local minima. Let us count.
]] },

predict { id = "escape", ask = [[
From (-0.2, 5.0) a full batch with α = 0.05 is stuck for ever at 10.18.
Batches of 5, α = 0.3, 600 updates, then 500 full ones to settle: of 100
seeds, how many reach the lowest place, 0.6457?
]],
yes = { "most: about 90", "89. The noise carries it out of the small dip." },
no = { { "none", "The batches push to and fro with 7 times the slope. The dip is shallow." },
       { "about half", "More: it has 600 tries, and the deep dip does not let it go again." } },
run = [[
function escapes(alpha)
    local count = 0
    for seed = 0, 99 do
        local a = descend(G, optim.gd{alpha = alpha},
            {start = {-0.2, 5}, batch = 5, seed = seed}):step(600)
        local b = descend(G, optim.gd{alpha = 0.05}, {start = a.phi})
        b:step(500)
        if b.loss < 0.65 then count = count + 1 end
    end
    return count
end
escapes(0.3)]],
expect = { ["escapes(0.3)"] = { 89, 0.1 } },
},

predict { id = "escape-half", ask = [[
The same with half the step size, α = 0.15?
]],
yes = { "none", "0 of 100. The shaking is half as strong, and the dip holds." },
no = { { "about 45", "It does not go by halves: there is a wall to get over." },
       { "about 90, only later", "They had 600 updates. None got out." } },
run = [[
escapes(0.15)]],
expect = { ["escapes(0.15)"] = { 0, 0.1 } },
},

predict { id = "grid", ask = [[
That was one start, chosen to make a point. Now the 121 starts of lesson
"valleys"; the full batch brought 29 of them below a loss of 1. And batches
of 5 with α = 0.3?
]],
yes = { "about as many", "30. Some starts are freed, others are thrown out of the good dip." },
no = { { "about 60", "If noise were a cure, yes. It frees some, and carries others off." },
       { "nearly all", "Most starts are far beyond the ridges. No shaking carries them across." },
       { "about 10", "The noise does some harm, not that much." } },
run = [[
good = 0
for i = 0, 10 do
    for j = 0, 10 do
        local a = descend(G, optim.gd{alpha = 0.3},
            {start = {-10 + 2*i, 2.5 + 2*j}, batch = 5, seed = 0}):step(600)
        local b = descend(G, optim.gd{alpha = 0.05}, {start = a.phi})
        b:step(500)
        if b.loss < 1 then good = good + 1 end
    end
end
good]],
expect = { ["good"] = { 30, 0.1 } },
see = [[
Can help, need not. One good example is not a law: count.
]] },

demo { id = "no-rest", say = [[
The price of noise. Start near the lowest place, at (0, 14), and look at
the mean loss of updates 600 to 1200, when everything should be over:
]], [[
function late(alpha)
    local r = descend(G, optim.gd{alpha = alpha},
        {start = {0, 14}, batch = 5, seed = 1}):step(1200)
    return r.trace.loss:slice(602, 1201):mean()
end
late(0.6), late(0.3), late(0.1)]],
expect = { ["late(0.6)"] = { 0.953, 1e-3 }, ["late(0.3)"] = { 0.691, 1e-3 },
           ["late(0.1)"] = { 0.652, 1e-3 } },
},

choice { id = "why-no-rest", ask = [[
None of them comes to 0.6457 and stays there. Why?
]],
yes = { "at the lowest place the batches' gradients are not 0",
        "Their sum is 0. Each alone still pulls, and α carries it off." },
no = { { "600 updates are too few", "More change nothing: the mean stays where it is." },
       { "the gradient is 0 on a plateau", "There is no plateau here. It goes round and round \z
                                            the lowest place." },
       { "α is above the bound 2/λ", "Then 0.1 would settle. It does not either." } } },

figure { id = "noise", [[
big = fit(G, optim.gd{alpha = 0.6},
    {start = {0, 14}, batch = 5, seed = 1, steps = 300})
small = fit(G, optim.gd{alpha = 0.1},
    {start = {0, 14}, batch = 5, seed = 1, steps = 300})
plot.loss{big, small}]],
alt = "Loss against update. With α = 0.6 it drops fast and then jumps between 0.65 and 4 for \z
      ever. With α = 0.1 it falls slowly to about 0.65 and stays there, hardly trembling.",
see = [[
Large: quick and restless. Small: slow and nearly calm.
]] },

text { id = "schedules-text", [[
Why not both, one after the other? A schedule is an α that changes on the
way.
]] },

code { id = "step-schedule", points = 3, fn = "steps",
ask = [[
Write that schedule: α for update t (1, 2, 3, ...), which begins with the
number alpha and is multiplied by factor after every `every` updates. So
with every = 100 the first 100 updates have alpha, the next 100 have
alpha·factor. (a//b divides and rounds down.)
]],
starter = [[
function steps(alpha, factor, every, t)
    return alpha
end]],
solution = [[
function steps(alpha, factor, every, t)
    return alpha*factor^((t - 1)//every)
end]],
given = function(r)
    return r:num(0.5, 2), r:pick { 0.5, 0.1, 0.8 }, r:int(2, 5), r:int(1, 12)
end,
mistakes = {
    { id = "early", swap = { "(t - 1)//every", "t//every" },
      say = "The first cut comes one update too early: update number `every` still has alpha." },
    { id = "smooth", swap = { "(t - 1)//every", "(t - 1)/every" },
      say = "That falls a little at every update. // rounds down, / does not." },
    { id = "each", swap = { "(t - 1)//every", "(t - 1)" },
      say = "That multiplies by factor at every update. How often is (t - 1)//every." },
    { id = "product", swap = { "factor^((t - 1)//every)", "factor*((t - 1)//every)" },
      say = "factor is multiplied in again and again: a power, not a product." },
    { id = "late", swap = { "(t - 1)//every", "(t - 2)//every" },
      say = "The cut comes one update too late." },
},
hints = { "How often has it been multiplied before update t? (t - 1)//every times.",
          "alpha*factor^((t - 1)//every)" },
see = [[
steps(0.6, 0.5, 100, t) is schedule.step{alpha = 0.6, factor = 0.5,
every = 100}(t).
]] },

demo { id = "schedule", say = [[
As the program has it, half of it every 100 updates:
]], [[
s = schedule.step{alpha = 0.6, factor = 0.5, every = 100}
s(1), s(101), s(501)
plan = fit(G, optim.gd{alpha = s},
    {start = {0, 14}, batch = 5, seed = 1, steps = 600})
plan.loss]],
expect = { ["s(501)"] = { 0.01875, 1e-9 }, ["plan.loss"] = { 0.645697, 1e-5 } },
see = [[
0.6457, to four digits, in the time in which a constant 0.6 gave 0.78.
]] },

figure { id = "schedules", [[
plot.schedule{s, schedule.cosine{alpha = 0.6, steps = 600}, steps = 600}]],
alt = "Two curves over 600 updates from 0.6 down: one in steps, halved every 100 updates, one \z
      smooth, along half a cosine, to 0.",
},

try { id = "own-schedule", ask = [[
There are more: schedule.exponential{alpha =, factor =},
schedule.inverse_time{alpha =, decay =}, schedule.cosine{alpha =, steps =}.
Take one of these three, begin with 0.6, and bring the mean loss of the
last 50 of 600 updates below 0.648:

    s = schedule.exponential{alpha = 0.6, factor = 0.999}
    mine = fit(G, optim.gd{alpha = s},
        {start = {0, 14}, batch = 5, seed = 1, steps = 600})
    mine.trace.loss:slice(552, 601):mean()
]],
goal = function(e)
    local a, losses = e.mine.trace.alpha, e.mine.trace.loss
    return e.mine.t == 600 and losses:slice(552, 601):mean() < 0.648 and a[2] > 0.59
        and a[102] ~= a[101]
end,
near = { { by = "s = schedule.exponential{alpha = 0.6, factor = 0.999}\n\z
                mine = fit(G, optim.gd{alpha = s}, {\n\z
                start = {0, 14}, batch = 5, seed = 1, steps = 600})",
           when = function(e) return e.mine.t == 600 and e.mine.trace.alpha[601] > 0.1 end,
           say = "It is still large at the end: s(600) tells. Let it fall faster. (mine.loss may \z
                 look fine: the last update can be luck, a mean of 50 is not.)" },
         { by = "s = schedule.exponential{alpha = 0.6, factor = 0.9}\n\z
                mine = fit(G, optim.gd{alpha = s}, {\n\z
                start = {0, 14}, batch = 5, seed = 1, steps = 600})",
           when = function(e) return e.mine.t == 600 and e.mine.trace.alpha[101] < 0.01 end,
           say = "It fell too fast, and the run was stopped half-way. Try a slower fall." } },
solution = "s = schedule.cosine{alpha = 0.6, steps = 600}\n\z
           mine = fit(G, optim.gd{alpha = s}, {\n\z
           start = {0, 14}, batch = 5, seed = 1, steps = 600})",
hints = { "schedule.cosine{alpha = 0.6, steps = 600} reaches 0 at the end.",
          "An exponential with a factor of 0.995 does it too." } },

figure { id = "warm", say = [[
Some begin low instead, and rise, so that the first wild gradients do little
harm: a warm-up. Here with a fall after it:
]], [[
w = schedule.warmup{alpha = 0.6, steps = 50}
fall = schedule.inverse_time{alpha = 0.6, decay = 0.01}
plot.schedule{w, fall, function(t) return min(w(t), fall(t)) end,
    steps = 300}]],
alt = "Three curves over 300 updates: one rises in a straight line to 0.6 at update 50 and stays; \z
      one falls like 1/t from 0.6 to 0.15; one is the lower of the two.",
},

predict { id = "by-loss", ask = [[
α may also follow the loss itself: 0.6 while it is high, and less as it
falls, 0.6·min(1, L/5), L being the batch's loss blown up to all 30. From
(0, 14), 600 updates as before: does it come to rest?
]],
yes = { "no: the loss stays at 0.65, so α stays at 0.08",
        "It calms down as far as the loss falls, and no further." },
no = { { "yes, exactly at the lowest place", "α would have to go to 0. The lowest loss is 0.6457, \z
                                              not 0." },
       { "no: it trembles as with 0.6", "Near the bottom α is eight times smaller." } },
run = [[
by_loss = function(t, epoch, loss) return 0.6*min(1, 6*loss/5) end
m = fit(G, optim.gd{alpha = by_loss},
    {start = {0, 14}, batch = 5, seed = 1, steps = 600})
m.trace.loss:slice(552, 601):mean()
m.trace.alpha:slice(552, 601):mean()]],
expect = { ["m.trace.loss:slice(552, 601):mean() < 0.66 and 1 or 0"] = { 1, 0.1 },
           ["m.trace.alpha:slice(552, 601):mean()"] = { 0.08, 0.02 } },
},

text { id = "summary", [[
What you have now:

    noise       may free a run, may carry it off: count, over many
                starts and seeds
    no rest     at a fixed α the batches' gradients still pull, each its
                own way; a smaller α trembles less
    schedule    large first, small later: steps, exponential, 1/t,
                cosine; a warm-up before; or by the loss itself

To try next: plot.surface{G, big, small} shows the trembling. Does the seed
matter for plan.loss? And order = "fixed"?
]] },
}
