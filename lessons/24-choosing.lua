-- SPDX-License-Identifier: GPL-3.0-or-later
return lesson { format = 1, id = "choosing", seed = 1, minutes = 20,
title = "Which method, and which step size?",
covers = { "A4", "F6", "F7", "H8" }, needs = { "momentum", "adam", "newton" },
summary = "How sensitive the methods are to their step size, why deep networks want a step for \z
          each layer, what an initialisation must not be, and the loop that everybody meets first.",

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
for i = 1, 9 do print(alphas[i], plain[i]) end]],
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

choice { id = "curves", ask = [[
Training curves. One falls faster than the others, then stays level, above
where they end. What is its α?
]],
yes = { "too large to settle", "Fast at first, then it jumps about. Make it smaller on the way." },
no = { { "too small", "Too small is slow from the beginning." },
       { "just right", "Others end lower." },
       { "far too large", "Then it would rise, or never fall." } } },

text { id = "deep", [[
Now depth. A network of ten hidden layers, 32 sigmoid units each. How large
are the derivatives, layer by layer?
]] },

demo { id = "layers", [[
deep = model.mlp{1, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 1,
    activation = "sigmoid"}
D = loss.least_squares(deep, data.line12)
start = deep:init{seed = 1, scheme = "xavier"}
function sizes(phi)
    local p, list = deep:named(phi), {}
    for layer = 1, 11 do
        list[layer] = sqrt((p["W" .. layer]^2):mean())
    end
    return list
end
slopes = sizes(D:gradient(start))]],
},

predict { id = "ratio", ask = [[
The derivatives of the second layer, compared with those of the last?
]],
yes = { "about a millionth", "Every sigmoid on the way back multiplies by s(1 − s), at most 1/4." },
no = { { "about a tenth", "One layer costs about that much. There are nine in between." },
       { "about the same", "Each layer on the way back multiplies by less than 1." } },
run = [[
slopes[2], slopes[11]
slopes[2]/slopes[11]
]],
expect = { ["slopes[2]/slopes[11] < 1e-5 and 1 or 0"] = { 1, 0.1 } },
},

figure { id = "fading", [[
plot.lines{y = slopes, log = "y", x_label = "layer", y_label = "size"}]],
alt = "The size of the derivatives by layer, logarithmic: from about 5e-6 in layer 1 it rises \z
      by a factor of about 4 with each layer, to 30 in the last.",
see = [[
One α for all layers: what is right for the last does nothing to the first.
]] },

demo { id = "adam-step", say = [[
One update of Adam with α = 0.01. How far does each layer move?
]], [[
moved = descend(D, optim.adam{alpha = 0.01}, {start = start}):step()
array(sizes(moved.phi - start))]],
expect = { ["sizes(moved.phi - start)[11]"] = { 0.01, 1e-5 },
           ["sizes(moved.phi - start)[3]"] = { 0.01, 1e-4 } },
see = [[
By α, in every layer.
]] },

predict { id = "zeros", ask = [[
How to begin? Suppose all weights and biases begin at 0. What happens to a
network with one hidden layer of eight units?
]],
yes = { "its units can never become different", "All eight get the same derivatives at every \z
                                                 update, here 0." },
no = { { "it learns, a little more slowly", "Nothing distinguishes one unit from the next." },
       { "it diverges", "It hardly moves." } },
run = [[
net = model.mlp{1, 8, 1, activation = "tanh"}
N = loss.least_squares(net, data.line12)
r = descend(N, optim.adam{alpha = 0.01},
    {start = net:init{scheme = "zeros"}})
r:step(500)
r.loss
net:named(r.phi).W1:t()]],
expect = { ["net:named(r.phi).W1:norm()"] = { 0, 1e-9 } },
see = [[
Only the last bias has moved, to the mean of y. So one begins with random
numbers, neither too large nor too small: init{scheme = "he"} for relu,
"xavier" for sigmoid and tanh.
]] },

text { id = "loop", [[
Last, the loop that most people meet first, in some library:

    repeat n times
        f    = model(x)
        loss = 0.5 * mean((y - f)^2)
        gradient of loss, backwards
        Adam, lr = 1e-4

By now you know each line of it. Two traps are left.
]] },

number { id = "half-mean", ask = [[
Half the mean, where we had the sum. With 12 examples, how many times
larger is the sum?
]],
answer = { 24, 1e-3 }, from = "2*12",
wrong = { { 12, "That is the mean. There is a half, too." }, { 6, "Times 2, not divided by 2." } },
hints = { "1/12 for the mean, 1/2 for the half." },
see = [[
So for plain descent the bound on α is 24 times as large: 0.9594 in place of
0.03998. An α from somebody else's loop means nothing without their loss.
]] },

predict { id = "adam-scale", ask = [[
And Adam? The same α on the sum, and on the half mean: 50 updates.
]],
yes = { "the same path", "m and √v both become 24 times smaller; their quotient stays." },
no = { { "24 times shorter steps", "It divides by the size of the gradient: the factor cancels." },
       { "it diverges on the sum", "Its steps are about α on either." } },
run = [[
line = loss.least_squares(model.line, data.line12)
half = 0.5*loss.mean_squares(model.line, data.line12)
a = descend(line, optim.adam{alpha = 0.05}, {start = {1.6, -0.5}}):step(50)
b = descend(half, optim.adam{alpha = 0.05}, {start = {1.6, -0.5}}):step(50)
a.phi, b.phi]],
expect = { ["abs(a.phi - b.phi):max()"] = { 0, 1e-6 } },
},

predict { id = "slow", ask = [[
lr = 1e-4 on the line, from (1.6, -0.5) to a loss of 0.2134, as
line search reached in ten. How many updates?
]],
yes = { "about 12,000", "12,420: φ₁ has 1.02 to go, at 0.0001 a step, more slowly at the end." },
no = { { "about 100", "With α = 0.05, yes." },
       { "about 1000", "1000 steps of 0.0001 make 0.1." } },
run = [[
a = descend(line, optim.adam{alpha = 1e-4}, {start = {1.6, -0.5}})
a:converge{loss = 0.2134, steps = 20000}
a.t]],
expect = { ["a.t"] = { 12420, 3 } },
see = [[
Copied numbers are a start. Then try a factor of 10 to both sides.
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

    α          by factors; look at where the curve ends, not how it begins
    Adam       forgives; the first choice for large things on batches
    momentum   a good second, often as good with care
    L-BFGS     for all data at once
    depth      slopes fade from layer to layer; Adam's steps do not
    beginning  random, of the right size; never all 0

To try next: sweep{L, optim.momentum, alpha = alphas, beta = {0, 0.5, 0.9},
start = {-0.7, -0.9}, steps = 200}. And the fading with relu and
scheme = "he"?
]] },
}
