-- SPDX-License-Identifier: GPL-3.0-or-later
return exercise { format = 1, id = "likelihood", seed = 1,
title = "The likelihood of residuals, and the best σ",
covers = { "A3", "X6" },
task = [[
The residuals r are drawn from a normal distribution with mean 0 and
standard deviation σ. With S = Σ r² and n residuals the log likelihood is

    −n·log σ − n/2·log(2π) − S/(2σ²)

log_likelihood  that
slope           its derivative with respect to σ
best_sigma      the σ at which it is largest
]],
starter = [[
function log_likelihood(r, sigma)
    return 0
end

function slope(r, sigma)
    return 0
end

function best_sigma(r)
    return 1
end
]],
solution = [[
function log_likelihood(r, sigma)
    local S = 0
    for i = 1, #r do
        S = S + r[i]^2
    end
    return -#r*log(sigma) - #r/2*log(2*pi) - S/(2*sigma^2)
end

function slope(r, sigma)
    local S = 0
    for i = 1, #r do
        S = S + r[i]^2
    end
    return -#r/sigma + S/sigma^3
end

function best_sigma(r)
    local S = 0
    for i = 1, #r do
        S = S + r[i]^2
    end
    return (S/#r)^0.5
end
]],
calls { id = "likelihood", title = "log_likelihood", points = 2, fn = "log_likelihood",
pure = true, returns = { "log L" },
given = function(r) return r:vec(r:int(1, 5)), r:num(0.5, 3) end },
calls { id = "slope", title = "slope: its derivative", points = 3, fn = "slope", pure = true,
returns = { "the slope" },
given = function(r) return r:vec(r:int(1, 5)), r:num(0.5, 3) end },
calls { id = "best", title = "best_sigma", points = 2, fn = "best_sigma", pure = true,
returns = { "σ" }, given = function(r) return r:vec(r:int(2, 6), 0.5, 3) end },
mistakes = {
    { id = "no-n", title = "log σ once only", swap = { "-#r*log(sigma)", "-log(sigma)" },
      say = "log σ comes once for every residual: n·log σ." },
    { id = "no-pi", title = "log 2π left out", credit = 0.5, swap = { "- #r/2*log(2*pi)", "" },
      say = "The constant −n/2·log(2π) is left out. It moves no maximum, but it belongs to the \z
             value." },
    { id = "no-half", title = "1/2 missing at S/σ²", swap = { "S/(2*sigma^2)", "S/sigma^2" },
      say = "The 2 in S/(2σ²) is missing." },
    { id = "negative", title = "sign of the whole",
      swap = { "-#r*log(sigma) - #r/2*log(2*pi) - S/(2*sigma^2)",
               "#r*log(sigma) + #r/2*log(2*pi) + S/(2*sigma^2)" },
      say = "That is the negative log likelihood, the loss. The log likelihood itself is \z
             asked for." },
    { id = "slip", title = "−S/σ³ in place of +S/σ³", swap = { "+ S/sigma^3", "- S/sigma^3" },
      say = "That sign circulates in print: with −n/σ − S/σ³ there is no root at all. The \z
             derivative of −S/(2σ²) is +S/σ³." },
    { id = "square", title = "σ² in place of σ³", swap = { "S/sigma^3", "S/sigma^2" },
      say = "The derivative of −S/(2σ²) is S/σ³: the exponent goes from −2 to −3." },
    { id = "one", title = "−1/σ in place of −n/σ", swap = { "-#r/sigma", "-1/sigma" },
      say = "−n·log σ gives −n/σ, not −1/σ." },
    { id = "variance", title = "variance in place of σ", swap = { "(S/#r)^0.5", "S/#r" },
      say = "S/n is σ². The root of it is asked for." },
    { id = "unbiased", title = "divided by n − 1", credit = 0.5,
      swap = { "(S/#r)^0.5", "(S/(#r - 1))^0.5" },
      say = "Likelihood divides by n. n − 1 is a correction where the mean was estimated from the \z
             same data." },
    { id = "sum", title = "not divided by n", swap = { "(S/#r)^0.5", "S^0.5" },
      say = "The sum is not divided: σ² is the mean of the squares, S/n." },
    { id = "absolute", title = "mean of the sizes",
      code = [[
function log_likelihood(r, sigma)
    local S = 0
    for i = 1, #r do S = S + r[i]^2 end
    return -#r*log(sigma) - #r/2*log(2*pi) - S/(2*sigma^2)
end
function slope(r, sigma)
    local S = 0
    for i = 1, #r do S = S + r[i]^2 end
    return -#r/sigma + S/sigma^3
end
function best_sigma(r)
    local sum = 0
    for i = 1, #r do sum = sum + abs(r[i]) end
    return sum/#r
end]],
      say = "That is the mean of the sizes. σ² is the mean of the squares." },
},
hints = {
    "S is a loop; #r is n, log is there without math.",
    "Each of the three terms by itself: −n·log σ gives −n/σ, the second nothing, the third S/σ³.",
    "−n/σ + S/σ³ = 0, multiplied by σ³.",
},
after = [[
On line12 at the best line this gives σ = 0.129056 with S = 0.199866; loss
and σ are found together by loss.gaussian{sigma = "fit"}.
]] }
