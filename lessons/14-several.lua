-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "several", seed = 1, minutes = 20,
title = "Houses: several inputs, several outputs",
covers = { "A1", "H1" }, needs = { "line", "formula" },
summary = "What kinds of questions a model can answer, the linear model in several dimensions, \z
          and why its inputs are brought to one scale first.",

text { id = "start", [[
Something is learnt when a task is done better, by some measure, after
experience. In our words: the task is the model's output, the measure is
the loss, experience is data. So far a number went in and a number came
out. There is more.
]] },

choice { id = "kinds", ask = [[
Three kinds of learning have names. Supervised: examples with the right
answer. Unsupervised: examples without. Reinforcement: no examples, but a
reward for what one did. A program sorts ten thousand photographs into
groups that look alike; nobody told it any group. Which kind?
]],
yes = { "unsupervised", "There are inputs and no right answers." },
no = { { "supervised", "It would need the right group of each photograph beforehand." },
       { "reinforcement", "Nothing is rewarded after an action; there are only the data." } },
see = [[
Everything in this course is supervised: pairs {x, y}.
]] },

choice { id = "house", ask = [[
A house goes in: 6000 square feet, 4 rooms, last sold for 235 thousand in
the year 2005, 1 parking place. Out comes 340, its price in thousands. What
kind of task is that?
]],
yes = { "regression with one output", "A quantity. Five numbers go in, one comes out." },
no = { { "regression with five outputs", "The five go in. One comes out." },
       { "classification with 340 classes", "A price is a quantity: 341 is nearly right." } } },

choice { id = "review", ask = [[
A film review goes in, as a list of word numbers. Out come two numbers that
sum to 1, 0.02 and 0.98: for bad and good. What kind of task is that?
]],
yes = { "classification with two classes", "The numbers are probabilities of the two." },
no = { { "regression with two outputs", "They are probabilities of one thing or the other. \z
                                         Regression puts out quantities." },
       { "classification with as many classes as words", "The words go in. Out come two." } } },

choice { id = "molecule", ask = [[
A molecule goes in. Out come its freezing point, -12.9, and its boiling
point, 56.4, in degrees. And this?
]],
yes = { "regression with two outputs", "Two quantities at once, from one model." },
no = { { "classification with two classes", "It is not one or the other. Both are wanted, as \z
                                             quantities." },
       { "two tasks that must have two models", "They may share one. Much of what matters for one \z
                                                 matters for the other." } } },

choice { id = "music", ask = [[
Ten seconds of music go in. Out comes one of: jazz, rock, classical, folk.
]],
yes = { "classification with four classes", "One of several. The model gives four probabilities \z
                                             that sum to 1." },
no = { { "regression with four outputs", "A genre is no quantity: there is no half-way between \z
                                          jazz and folk." },
       { "regression with one output, 1 to 4", "The numbers would say that classical lies between \z
                                                rock and folk." } } },

demo { id = "houses", say = [[
Houses, then. To keep it short: the area in square feet and the number of
rooms go in, the price in thousands comes out.
]], [[
h = data.new{
    x = {{6000, 4}, {3500, 3}, {4800, 3}, {7200, 5},
         {2900, 2}, {5200, 4}, {4100, 2}, {6600, 5}},
    y = {340, 214, 270, 405, 171, 303, 224, 375},
    names = {x = {"area", "rooms"}, y = "price"}}
h]],
},

text { id = "model", [[
The line has a slope for its one input. Now there is one for each:

    f[x, φ] = W₁·area + W₂·rooms + b

With several outputs W has a row for each of them. That is model.linear.
]] },

number { id = "count", ask = [[
model.linear(5, 3) has five inputs and three outputs. How many parameters?
]],
answer = { 18, 0.1 }, from = "loss.least_squares(model.linear(5, 3), \z
    data.new{x = {{1, 2, 3, 4, 5}}, y = {{1, 2, 3}}}).size",
wrong = { { 15, "Those are the slopes. Each output has its own b, too." },
          { 8, "A slope for each pair of input and output: 5·3." },
          { 16, "One b for each output: three." } },
hints = { "5*3 slopes, and 3 numbers b." } },

demo { id = "formula", [[
L = loss.least_squares(model.linear(2), h)
best = L:solve()
best
L(best)]],
expect = { ["L(best)"] = { 21.183182, 1e-4 } },
see = [[
The formula has no trouble: 0.044 for a square foot, 14.4 for a room.
]] },

number { id = "predict", ask = [[
A house of 5000 square feet with 3 rooms: which price? The parameters stand
above, and model.linear(2)({{5000, 3}}, best) computes it.
]],
answer = { 278.89, 0.5 }, from = "model.linear(2)({{5000, 3}}, best)",
wrong = { { 263.35, "b, the 15.5, is missing.", 0.5 },
          { 235.6, "And the rooms?", 0.5 } },
hints = { "0.04402*5000 + 14.418*3 + 15.542" } },

predict { id = "descent", ask = [[
Gradient descent on the same. The bound for α is 2/λmax; take 95 % of that.
Where is the loss after 1000 updates? (It starts at 700,000, the least is
21.18.)
]],
yes = { "at about 430", "The area was fitted at once; rooms and b have hardly moved." },
no = { { "at 21.18", "Along two of three directions it is far too slow." },
       { "above the start", "α is below the bound: it goes down." } },
run = [[
e = eigenvalues(L:hessian(best))
e, 2/e[3]
r = descend(L, optim.gd{alpha = 0.95*2/e[3]}, {start = {0, 0, 0}})
r:step(1000).loss]],
expect = { ["r.loss"] = { 427.01, 1 }, ["e[3]/e[1]"] = { 3.84e8, 5e6 } },
see = [[
α is 0.000000004. The areas are thousands, so λmax is 400 million, and 400
million times the smallest.
]] },

predict { id = "two-outputs", ask = [[
The heating of each house costs something, too. Fit both outputs with one
model, by the sum of all squares. Do the numbers for the price change?
]],
yes = { "no: each output has its own row of W",
        "The two sums share no parameter, so each is smallest by itself." },
no = { { "yes: the parameters must serve two outputs", "A linear model has a row of W for each \z
                                                        output. Networks share." },
       { "yes: they halve", "Nothing is divided among the outputs." } },
run = [[
heat = {2.9, 1.8, 2.2, 3.5, 1.3, 2.6, 1.7, 3.2}
y = zeros(8, 2)
for i = 1, 8 do y[i][1], y[i][2] = h.y[i], heat[i] end
pair = data.new{x = h.x, y = y,
    names = {x = {"area", "rooms"}, y = {"price", "heating"}}}
B = loss.least_squares(model.linear(2, 2), pair)
B.model:named(B:solve()).W
best]],
expect = { ["B:solve()[1]"] = { 0.04401859, 1e-7 }, ["B:solve()[2]"] = { 14.41834, 1e-4 } },
},

text { id = "scale", [[
What can one do? Not the method: the numbers. Subtract its mean from each
input, and divide by its standard deviation. Then every input has mean 0
and spread 1, whether it was feet or rooms.
]] },

code { id = "standardize", points = 3, fn = "standardize", pure = true,
ask = [[
Write it for one list: (x − mean)/s, where s² is the mean of (x − mean)².
Return a new list.
]],
starter = [[
function standardize(x)
    local mean, square = 0, 0
    -- first the mean, then s, then the new list
    return x
end]],
solution = [[
function standardize(x)
    local mean, square = 0, 0
    for i = 1, #x do mean = mean + x[i]/#x end
    for i = 1, #x do square = square + (x[i] - mean)^2/#x end
    local s, z = sqrt(square), {}
    for i = 1, #x do z[i] = (x[i] - mean)/s end
    return z
end]],
given = function(r)
    local list = r:vec(r:int(2, 6))
    list[1] = list[2] + 1.5
    return list
end,
mistakes = {
    { id = "no-mean", swap = { "(x[i] - mean)/s", "x[i]/s" }, say = "Subtract the mean first." },
    { id = "no-root", swap = { "sqrt(square)", "square" },
      say = "You divided by s², the variance. Take its root." },
    { id = "only-mean", swap = { "(x[i] - mean)/s", "x[i] - mean" },
      say = "That is centring. Divide by s as well." },
    { id = "n-1", swap = { "(x[i] - mean)^2/#x", "(x[i] - mean)^2/(#x - 1)" },
      say = "s² is the mean here: divide by n, not by n - 1. (Both are in use.)" },
    { id = "about-zero", swap = { "(x[i] - mean)^2", "x[i]^2" },
      say = "s is the spread about the mean: (x - mean)²." },
},
hints = { "Three loops: the mean, the mean square of x[i] - mean, the new list.",
          "z[i] = (x[i] - mean)/s" },
},

predict { id = "standardized", ask = [[
The same descent on standardized inputs, α = 0.05, 500 updates?
]],
yes = { "21.18, the lowest", "The valley is 25 times as sharp across as along, no longer 400 \z
                              million times." },
no = { { "about 400, as before", "The curvatures are 1.2 to 31 now." },
       { "lower than 21.18", "The same lines in other numbers: the least is the same." } },
run = [[
s = h:standardize{y = false}
S = loss.least_squares(model.linear(2), s)
eigenvalues(S:hessian{0, 0, 0})
raw = r
r = fit(S, optim.gd{alpha = 0.05}, {start = {0, 0, 0}, steps = 500})
r.loss]],
expect = { ["r.loss"] = { 21.183182, 1e-4 } },
},

figure { id = "both-losses", [[
plot.loss{raw, r, log = true}]],
alt = "Loss against update, logarithmic. Raw inputs: it falls at once from 700,000 to about 430 \z
      and stays there for 1000 updates. Standardized: it falls to 21 within about 100 updates.",
},

choice { id = "new-house", ask = [[
A new house is to be priced with these parameters. With which mean and
spread is it standardized?
]],
yes = { "with those of the old houses", "They belong to the model. s:apply(new) uses them." },
no = { { "with its own", "The mean of one house is that house: all would become 0." },
       { "with those of old and new together", "Then the old ones would change, and the \z
                                                parameters would not fit any more." } } },

try { id = "price", ask = [[
Do it. Standardize a house as the old ones were, and price it:

    new = data.new{x = {{5000, 3}}, y = {0}, names = h.names}
    price = model.linear(2)(s:apply(new).x, r.phi)
]],
goal = function(e)
    local price = e.tonumber(e.tostring(e.price))
    return price > 278.5 and price < 279.3
end,
near = { { by = "price = model.linear(2)({{5000, 3}}, r.phi)",
           when = function(e) return e.tonumber(e.tostring(e.price)) > 1000 end,
           say = "That put in feet and rooms as they are. Standardize them first." } },
solution = "new = data.new{x = {{5000, 3}}, y = {0}, names = h.names}\n\z
           price = model.linear(2)(s:apply(new).x, r.phi)",
hints = { "The two lines above do it." },
see = [[
278.89, as by the formula.
]] },

text { id = "summary", [[
What you have now:

    kinds        a quantity, several, one of two, one of many
    task, measure, experience       output, loss, data
    linear       a slope for each pair of input and output, and b
    one scale    mean 0 and spread 1, kept for new data

To try next: add a third column to the houses, the year, and see what
eigenvalues become. h:standardize() without y = false: what does it do to
the prices?
]] },
}
