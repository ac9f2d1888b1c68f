-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "choosing", seed = 1, minutes = 10,
title = "Which method, and which step size?",
covers = { "F6", "F7" }, needs = { "noise", "adam", "networks", "newton" },
summary = "How sensitive the methods are to their step size and to each other's settings, what a \z
          curve tells about it, and which method to begin with.",

text { id = "start", [[
You know a dozen rules by now. Which one, and with which α? There is no law,
but there are measurements.
]] },

code { id = "geometric", points = 3, fn = "geometric",
ask = [[
Step sizes are tried by factors: 0.001, 0.01, 0.1, not 0.1, 0.2, 0.3. Return
a list of n numbers from low to high, each the same multiple of the one
before.
]],
starter = [[
function geometric(low, high, n)
    local list = {}
    for i = 1, n do
        list[i] = low
    end
    return list
end]],
solution = [[
function geometric(low, high, n)
    local list = {}
    for i = 1, n do
        list[i] = low*(high/low)^((i - 1)/(n - 1))
    end
    return list
end]],
given = function(r) return r:num(0.5, 2), r:num(3, 20), r:int(2, 6) end,
mistakes = {
    { id = "sums", swap = { "low*(high/low)^((i - 1)/(n - 1))",
      "low + (high - low)*(i - 1)/(n - 1)" },
      say = "Those are equal differences. Asked for are equal factors." },
    { id = "n-steps", swap = { "(i - 1)/(n - 1)", "(i - 1)/n" },
      say = "The last one is not high: between n numbers there are n - 1 steps." },
    { id = "from-one", swap = { "(i - 1)/(n - 1)", "i/n" },
      say = "The first one is not low: at i = 1 the exponent is 0." },
    { id = "turned", swap = { "high/low", "low/high" },
      say = "It goes the wrong way: the factor is (high/low)^(1/(n - 1))." },
},
hints = { "The whole way is the factor high/low, in n - 1 steps.",
          "low*(high/low)^((i - 1)/(n - 1))" },
},

demo { id = "setup", say = [[
Nine step sizes from 0.001 to 10, on the trough of lesson "adam". A method
passes with a step size when 200 updates bring it below 0.001.
]], [[
L = loss(function(phi0, phi1)
    return 1 - exp(-2*phi1^2)*exp(-(phi0 - 0.7)^2/8)
end)
alphas = geometric(0.001, 10, 9)
function ends(opt)
    local list = {}
    for i, alpha in ipairs(alphas) do
        local r = descend(L, opt{alpha = alpha}, {start = {-0.7, -0.9}})
        list[i] = r:step(200).loss
    end
    return list
end
plain = ends(optim.gd{alpha = 1})
array{alphas, plain}]],
expect = { ["plain[5] < 1e-3 and plain[6] < 1e-3 and 1 or 0"] = { 1, 0.1 },
           ["plain[4] < 1e-3 or plain[7] < 1e-3 and 1 or 0"] = { 0, 0.1 } },
see = [[
Two of nine: 0.1 and 0.316.
]] },

predict { id = "adam", ask = [[
And Adam? How many of the nine?
]],
yes = { "five", "From 0.01 to 1. Its steps are about α, whatever the slope." },
no = { { "two", "It forgives more: from 0.01 to 1." },
       { "all nine", "0.001 is too short for a way of 1.4 in 200 updates, 10 is too long." } },
run = [[
adam = ends(optim.adam{alpha = 1})
for i = 1, 9 do print(alphas[i], adam[i]) end]],
expect = { ["adam[3] < 1e-3 and adam[7] < 1e-3 and 1 or 0"] = { 1, 0.1 },
           ["adam[2]"] = { 0.122235, 1e-4 } },
},

figure { id = "sensitivity", [[
ball = ends(optim.momentum{alpha = 1})
plot.lines{x = alphas, y = {plain, ball, adam}, log = "xy",
    labels = {"gd", "momentum", "Adam"}, x_label = "α",
    y_label = "loss after 200"}]],
alt = "Loss after 200 updates against α, both logarithmic. Plain descent dips below 0.001 only \z
      at 0.1 and 0.316. Momentum is low from 0.1 to 3. Adam is low from 0.01 to 1. At 10 all \z
      three are at 1.",
see = [[
That is why Adam is so often tried first. Not because it ends lower.
]] },

predict { id = "heat", ask = [[
Two settings at once: the step size and β of momentum, on a grid, 200
updates each. As β grows from 0 to 0.9, what happens to the range of step
sizes that do well?
]],
yes = { "it grows wider, to the right",
        "Up to α = 3 with β = 0.9. Beyond, at 0.99, 200 updates are too few for it to forget." },
no = { { "it stays: β and α are independent", "Each row of the map has another range." },
       { "it moves to the left", "m is an average: with more of it, larger α do no harm." },
       { "it shrinks", "From β = 0 to 0.9 it grows." } },
run = [[
s = sweep{L, optim.momentum, alpha = alphas,
    beta = {0, 0.3, 0.6, 0.9, 0.95, 0.99}, start = {-0.7, -0.9},
    steps = 200}
plot.hyper{s}]],
expect = { ["s.best.loss < 1e-6 and 1 or 0"] = { 1, 0.1 } },
alt = "A map of the final loss, α across, β upwards. Low, blank, is a patch in the middle: from \z
      0.1 to 0.3 for β = 0, wider with more β, from 0.1 to 3 for β = 0.9. The row of 0.99 is \z
      dark throughout, and so are the left and the right.",
see = [[
So the two are not chosen one after the other.
]] },

predict { id = "curves", ask = [[
Now the shape of the curves. The Gabor wave with batches of five, and four
step sizes: 0.01, 0.3, 0.6 and 2. Which of them falls fastest in the first
100 updates, and which is lowest after 300?
]],
yes = { "0.6 falls fastest, 0.3 ends lowest", "0.6 is too large to settle: fast at first, then it \z
                                               jumps about." },
no = { { "0.3 both times", "0.6 is ahead of it for a hundred updates." },
       { "2 falls fastest, 0.01 ends lowest",
         "2 is thrown out on the plateau, and 0.01 is still on its way." },
       { "0.6 both times", "It falls fastest. Then it stays above 0.3." } },
run = [[
G = loss.least_squares(model.gabor, data.gabor30)
function blocks(alpha)                 -- means of 20 updates each
    local r = descend(G, optim.gd{alpha = alpha},
        {start = {-1.5, 8.5}, batch = 5, seed = 1}):step(300)
    local list = {}
    for k = 1, 15 do
        list[k] = r.trace.loss:slice(20*k - 18, 20*k + 1):mean()
    end
    return list
end
low, good, high, wild = blocks(0.01), blocks(0.3), blocks(0.6), blocks(2)
plot.lines{y = {low, good, high, wild}, log = "y",
    labels = {"0.01", "0.3", "0.6", "2"}, x_label = "block of 20 updates",
    y_label = "loss"}]],
expect = { ["good[15] < high[15] and 1 or 0"] = { 1, 0.1 },
           ["high[4] < good[4] and 1 or 0"] = { 1, 0.1 } },
alt = "Loss against updates, four curves. 0.01 falls slowly to 10. 0.3 falls to 0.7. 0.6 falls \z
      faster at first and then stays near 1, above it. 2 jumps to 5.5 at once and stays there, on \z
      the plateau.",
see = [[
Low: slow from the beginning. Good. High: fast, then stuck above. Too high:
off. The end of the curve tells, not its beginning.
]] },

choice { id = "rule", ask = [[
A large network, much data, batches. Where do you begin?
]],
yes = { "Adam, α by factors of 10, then a schedule",
        "If it is not good enough: momentum, with more care for α." },
no = { { "Newton", "k² numbers and k³ operations." },
       { "L-BFGS", "Not with batches. For all data at once, yes." },
       { "gradient descent with α = 0.01", "Perhaps. Two of nine was its score above." } } },

text { id = "summary", [[
What you have now:

    α           by factors; look at where the curve ends, not how it
                begins
    two at once settings hang together: a map shows it
    Adam        forgives; the first choice for large things on batches
    momentum    a good second, often as good with care
    L-BFGS      for all data at once

To try next: the same nine step sizes with optim.rmsprop. And a schedule:
does it widen the range of step sizes that pass?
]] },
}
