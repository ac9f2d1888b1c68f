-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "neighbours", seed = 1, minutes = 15,
title = "A model that remembers everything: nearest neighbours",
covers = { "H3" }, needs = { "overfitting" },
summary = "No parameters, no training, no error on what it has seen: the extreme case of \z
          overfitting, and how the number of neighbours tames it.",

text { id = "start", [[
The other extreme from a line: a model that learns nothing and remembers
everything. For a new x it looks up the nearest x it has seen, and answers
with that one's class.
]] },

code { id = "nearest", points = 3, fn = "nearest", pure = true,
ask = [[
Write it: xs are the places seen, ys their classes (0 or 1). Return the
class of the place nearest to x.
]],
starter = [[
function nearest(xs, ys, x)
    local best = 1
    for i = 2, #xs do
        -- is xs[i] nearer to x than xs[best]?
    end
    return ys[best]
end]],
solution = [[
function nearest(xs, ys, x)
    local best = 1
    for i = 2, #xs do
        if abs(xs[i] - x) < abs(xs[best] - x) then best = i end
    end
    return ys[best]
end]],
given = function(r)
    local n, xs, ys = r:int(3, 6), {}, {}
    local order = r:order(n)
    for i = 1, n do
        xs[i] = 0.7*order[i] - 2
        ys[i] = r:bool() and 1 or 0
    end
    return xs, ys, r:pick { -1.9, -1.1, -0.2, 0.3, 1.05, 1.6 }
end,
mistakes = {
    { id = "farthest", swap = { ") < abs", ") > abs" },
      say = "That is the farthest one: turn the comparison round." },
    { id = "no-abs", swap = { "abs(xs[i] - x) < abs(xs[best] - x)", "xs[i] - x < xs[best] - x" },
      say = "Without abs the smallest x wins. A distance has no sign." },
    { id = "place", swap = { "return ys[best]", "return xs[best]" },
      say = "That is its place. Its class is asked for." },
    { id = "index", swap = { "return ys[best]", "return best" },
      say = "That is its number. Its class is ys[best]." },
    { id = "last", swap = { "if abs(xs[i] - x) < abs(xs[best] - x) then best = i end",
      "best = i" }, say = "That is the last one, wherever it lies." },
},
same = { "line 4: `<` becomes `<=`" }, -- two places equally near
hints = { "The distance is abs(xs[i] - x).",
          "if abs(xs[i] - x) < abs(xs[best] - x) then best = i end" },
},

demo { id = "data", say = [[
100 examples to remember, from two normal distributions around -1 and 1, and
2000 new ones:
]], [[
seed(0)
old = data.two_normals{n = 100}
new = data.two_normals{n = 2000}
nearest(old.x, old.y, 0.3)
one = model.nearest(1, old)]],
},

predict { id = "training", ask = [[
How many of the 100 that it has seen does it get wrong?
]],
yes = { "none", "The nearest place to a place it has seen is that place itself." },
no = { { "about 16", "Each of the 100 is its own nearest neighbour." },
       { "about 50", "That would be guessing." } },
run = [[
1 - accuracy(one, old)]],
expect = { ["1 - accuracy(one, old)"] = { 0, 1e-9 } },
},

predict { id = "equal", ask = [[
Can it ever be wrong on what it has seen?
]],
yes = { "yes: if two equal x have different classes", "It can give one answer only. Here one of \z
                                                       three is wrong." },
no = { { "no, never", "Two equal x with different y: only one of them can be right." },
       { "yes: if there are too many examples", "Their number does not matter." } },
run = [[
twice = data.new{x = {1, 1, 2}, y = {0, 1, 1}}
1 - accuracy(model.nearest(1, twice), twice)]],
expect = { ["1 - accuracy(model.nearest(1, twice), twice)"] = { 1/3, 1e-6 } },
},

number { id = "best", ask = [[
The classes overlap. The best rule there can be says 1 where x is above 0;
it errs where a normal number around 1 falls below 0. Count it: the share of
negative numbers among 1 + random.normal(100000), or any other way.
]],
answer = { 0.1587, 0.004 }, from = "where(less(1 + random.normal(100000), 0), 1, 0):mean()",
wrong = { { 0.5, "Around 1, not around 0.", 0.01 },
          { 0.8413, "That is the share of the right ones.", 0.004 } },
hints = { "z = 1 + random.normal(100000), then where(less(z, 0), 1, 0):mean()",
          "The table of the normal distribution says 0.1587 for one σ." },
see = [[
15.9 % wrong: nobody can do better on new ones, in the long run.
]] },

predict { id = "new", ask = [[
And our model that remembers? How many of the 2000 new ones are wrong?
]],
yes = { "about 24 %", "It repeats every accident of its 100 examples." },
no = { { "0", "On those it knows. These are new." },
       { "about 16 %", "That would be the best possible." },
       { "about 50 %", "That would be guessing." } },
run = [[
1 - accuracy(one, new)]],
expect = { ["1 - accuracy(one, new)"] = { 0.2375, 1e-6 } },
},

predict { id = "vote", ask = [[
Let the k nearest vote instead. What do 5 do, and 15, on old and new?
]],
yes = { "worse on the old, better on the new", "0.15 and 0.18 with 5; 0.19 and 0.153 with 15." },
no = { { "better on both", "On the old nothing is better than 0." },
       { "worse on both", "A vote outvotes accidents: better on the new." } },
run = [[
for _, k in ipairs{1, 5, 15} do
    local m = model.nearest(k, old)
    print(k, 1 - accuracy(m, old), 1 - accuracy(m, new))
end]],
expect = { ["1 - accuracy(model.nearest(5, old), new)"] = { 0.18, 1e-6 },
           ["1 - accuracy(model.nearest(15, old), new)"] = { 0.153, 1e-6 } },
see = [[
15 neighbours are wrong on 15.3 % of the new: even below the best possible,
by a little luck with these 2000.
]] },

demo { id = "many", say = [[
For many k:
]], [[
ks, seen, unseen = {1, 3, 5, 9, 15, 25, 35, 51, 75, 99}, {}, {}
for i, k in ipairs(ks) do
    local m = model.nearest(k, old)
    seen[i], unseen[i] = 1 - accuracy(m, old), 1 - accuracy(m, new)
end]],
},

figure { id = "curve", [[
plot.lines{x = ks, y = {seen, unseen}, log = "x", labels = {"old", "new"},
    x_label = "k", y_label = "wrong"}]],
alt = "Share of wrong answers against k. Old examples: 0 at k = 1, rising to 0.19 at 9, then \z
      level. New ones: 0.24 at k = 1, falling to 0.15 at 9, then level, rising a little at 99.",
see = [[
Small k: too loose. Very large k: too stiff. The same picture as with the
degrees of a polynomial, read from right to left.
]] },

choice { id = "choose", ask = [[
You have only the 100 old examples. How do you choose k?
]],
yes = { "by their own held-out error, as with folds",
        "Some are kept back from the memory and asked. The new ones stay for the last test." },
no = { { "by the error on the old ones", "That says k = 1, always." },
       { "by the error on the 2000 new ones",
         "Then they have taken part in the choice, and are no test any more." } } },

demo { id = "share", [[
function share(k)
    local wrong = 0
    for _, fold in ipairs(old:folds(10, {seed = 1})) do
        local m = model.nearest(k, fold.train)
        wrong = wrong + (1 - accuracy(m, fold.test))/10
    end
    return wrong
end
share(1)]],
},

try { id = "fold", ask = [[
share(k) is the share of errors of k neighbours over ten folds of the old
ones. Find a k for which it is below 0.215:

    k = 1
    share(k)
]],
goal = function(e) return e.k > 1 and e.share(e.k) < 0.215 end,
near = { { by = "k = 1", when = function(e) return e.k == 1 end,
           say = "k = 1 follows every accident. Try more neighbours." },
         { by = "k = 5", when = function(e) return e.share(e.k) >= 0.215 end,
           say = "Not yet below 0.215." } },
solution = "k = 25",
hints = { "Odd numbers cannot end in a tie.", "Try 9, 15, 25, 51." } },

text { id = "summary", [[
What you have now:

    k = 1         no error on the old (unless equal x differ in class),
                  many on the new
    larger k      accidents are outvoted; too large is too stiff
    the best      is not 0 where classes overlap: 15.9 % here
    choosing k    by data held out, never by the training error

To try next: 1000 old examples instead of 100: what becomes of k = 1? And
with two inputs, plot.regions{model.nearest(1, d2), d2}.
]] },
}
