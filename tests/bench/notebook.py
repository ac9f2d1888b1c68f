# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer (peer.h) in NumPy: updates as the courses' notebooks write them, the rest vectorised."""
import sys

import numpy as np


def gabor_points(count):
    i = np.arange(count)
    x = -15 + 30 * i / (count - 1)
    u = 0.5 + 0.06 * 16 * x
    return x, np.sin(u) * np.exp(-u * u / 32) + 0.1 * np.sin(37.0 * i)


def model(phi, x):
    u = phi[0] + 0.06 * phi[1] * x
    return np.sin(u) * np.exp(-u * u / 32)


def loss(x, y, phi):
    return np.sum((model(phi, x) - y) ** 2)


def gabor_gradient(x, y, phi):
    u = phi[0] + 0.06 * phi[1] * x
    envelope = np.exp(-u * u / 32)
    sine = np.sin(u)
    slope = 2 * (sine * envelope - y) * envelope * (np.cos(u) - sine * u / 16)
    return np.array([np.sum(slope), np.sum(0.06 * x * slope)])


def line_gradient(x, y, phi):
    residual = 2 * (phi[0] + phi[1] * x - y)
    return np.array([np.sum(residual), np.sum(residual * x)])


def gd(x, y, gradient):
    def run(count):
        phi = np.array([1.0, 10.0])
        for _ in range(count):
            phi = phi - 0.001 * gradient(x, y, phi)
        return phi
    return run


def adam(x, y, gradient):
    def run(count):
        phi, m, v = np.array([1.0, 10.0]), np.zeros(2), np.zeros(2)
        for t in range(1, count + 1):
            g = gradient(x, y, phi)
            m = 0.9 * m + (1 - 0.9) * g
            v = 0.999 * v + (1 - 0.999) * g ** 2
            phi = phi - 0.01 * (m / (1 - 0.9 ** t)) / (np.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
        return phi
    return run


def sgd(x, y, gradient):
    def run(count):
        generator, phi, at = np.random.RandomState(1), np.array([1.0, 10.0]), 30
        for _ in range(count):
            if at == 30:
                order, at = generator.permutation(30), 0
            batch = order[at:at + 5]
            at += 5
            phi = phi - 0.001 * gradient(x[batch], y[batch], phi)
        return phi
    return run


def line_search(x, y):
    def run(count):
        phi = np.array([1.0, 10.0])
        for _ in range(count):
            g = gabor_gradient(x, y, phi)
            a, b, c, d = 0, 0.33 * 0.1, 0.66 * 0.1, 0.1
            rounds = 0
            while abs(c - b) > 1e-5 and rounds < 15:
                rounds += 1
                at_a, at_b = loss(x, y, phi - a * g), loss(x, y, phi - b * g)
                at_c, at_d = loss(x, y, phi - c * g), loss(x, y, phi - d * g)
                if at_a <= at_b and at_a <= at_c and at_a <= at_d:
                    b, c, d = a + (b - a) / 2, a + (c - a) / 2, a + (d - a) / 2
                    continue
                if at_b < at_c:
                    d = c
                else:
                    a = b
                b, c = a + (d - a) / 3, a + 2 * (d - a) / 3
            phi = phi - (b + c) / 2 * g
        return phi
    return run


def grid():
    return np.linspace(-10, 10, 200), np.linspace(0, 20, 200)


def surface_vectorised(x, y):
    a, b = grid()
    total = np.zeros((200, 200))
    for k in range(30):
        u = a[:, None] + 0.06 * x[k] * b[None, :]
        total += (np.sin(u) * np.exp(-u * u / 32) - y[k]) ** 2
    return total


def surface_loop(x, y):
    a, b = grid()
    total = np.zeros((200, 200))
    for i in range(200):
        for j in range(200):
            total[i, j] = loss(x, y, (a[i], b[j]))
    return total


def corners(s):
    return [s[0, 0], s[57, 33], s[199, 199]]


def table():
    generator = np.random.RandomState(1)
    x = generator.uniform(0, 1, 20000000).reshape(1000000, 20)
    return x, generator.uniform(0, 1, 1000000)


WEIGHTS = 0.1 * np.linspace(-1, 1, 21)


def linear_gradient(x, y):
    residual = x @ WEIGHTS[:20] + WEIGHTS[20] - y
    return np.append(2 * (x.T @ residual), 2 * residual.sum())


def logistic_gradient(x, y):
    residual = 1 / (1 + np.exp(-(WEIGHTS[0] + x @ WEIGHTS[1:]))) - y
    return np.append(residual.sum(), x.T @ residual)


def rosenbrock(x):
    t, u = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros(len(x))
    gradient[:-1] = -400 * t * x[:-1] - 2 * u
    gradient[1:] += 200 * t
    return np.sum(100 * t ** 2 + u ** 2), gradient


class Minimum:
    """L-BFGS of SciPy until the gradient's largest component is small."""

    def __init__(self, prepare, small):
        self.prepare, self.small, self.data, self.result = prepare, small, None, None

    def run(self, count):
        from scipy.optimize import minimize
        if self.data is None:
            self.data = self.prepare()
        function, start = self.data
        for _ in range(count):
            self.result = minimize(function, start, jac=True, method="L-BFGS-B", options={
                "maxcor": 10, "gtol": self.small, "ftol": 0, "maxiter": 10 ** 6,
                "maxfun": 10 ** 6})

    def value(self):
        self.run(1)
        return self.result.x[:3]

    def count(self):
        return self.result.nfev


def rosenbrock_start():
    start = np.ones(100)
    start[::2] = -1.2
    return rosenbrock, start


def logistic_50():
    generator = np.random.RandomState(1)
    x = generator.uniform(0, 1, 500000).reshape(10000, 50)
    y = (generator.uniform(0, 1, 10000) < 0.5).astype(float)

    def function(phi):
        z = phi[0] + x @ phi[1:]
        residual = 1 / (1 + np.exp(-z)) - y
        return (np.mean(np.logaddexp(0, z) - y * z),
                1e-4 * np.append(residual.sum(), x.T @ residual))
    return function, np.zeros(51)


class Repeated:
    """Work that is prepared at its first use and done as often as asked."""

    def __init__(self, prepare, work, values=lambda result: result):
        self.prepare, self.work, self.values, self.data = prepare, work, values, None

    def run(self, count):
        if self.data is None:
            for other in CASES.values():  # one large table at a time
                if isinstance(other, Repeated):
                    other.data = None
            self.data = self.prepare()
        for _ in range(count):
            result = self.work(*self.data)
        return result

    def value(self):
        return self.values(self.run(1))


class Updates:
    def __init__(self, run, compared=1000):
        self.run, self.compared = run, compared

    def value(self):
        return self.run(self.compared)


def small():
    i = np.arange(12)
    line_x = 2 * i / 11
    line_y = 0.6 + 0.7 * line_x + 0.1 * np.sin(37.0 * i)
    x, y = gabor_points(30)
    return {
        "linear_gd": Updates(gd(line_x, line_y, line_gradient)),
        "linear_adam": Updates(adam(line_x, line_y, line_gradient)),
        "gabor_gd": Updates(gd(x, y, gabor_gradient)),
        "gabor_adam": Updates(adam(x, y, gabor_gradient)),
        "gabor_sgd": Updates(sgd(x, y, gabor_gradient)),
        "gabor_search": Updates(line_search(x, y), 3),
    }


def binary():
    x, y = table()
    return x, (y < 0.5).astype(float)


CASES = {
    **small(),
    "surface": Repeated(lambda: gabor_points(30), surface_vectorised, corners),
    "surface_loop": Repeated(lambda: gabor_points(30), surface_loop, corners),
    "gabor_large": Repeated(lambda: gabor_points(1000000),
                            lambda x, y: gabor_gradient(x, y, (1.0, 10.0))),
    "linear_large": Repeated(table, linear_gradient),
    "logistic_large": Repeated(binary, logistic_gradient),
    "minimum_rosenbrock": Minimum(rosenbrock_start, 1e-9),
    "minimum_logistic": Minimum(logistic_50, 1.4e-9),
}


def main():
    for line in sys.stdin:
        verb, name, *count = line.split()
        if name not in CASES:
            print("missing not among its cases")
        elif verb == "run":
            try:
                CASES[name].run(int(count[0]))
                print("ok")
            except ImportError as reason:
                print("missing", reason)
        elif verb == "count":
            print("ok", CASES[name].count())
        else:
            try:
                print("ok", *("%.17g" % value for value in CASES[name].value()))
            except ImportError as reason:
                print("missing", reason)
        sys.stdout.flush()


main()
