# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer (peer.h) in PyTorch: eager, float64, autograd and torch.optim."""
import os
import sys

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def gabor_points(count):
    i = torch.arange(count, dtype=torch.float64)
    x = -15 + 30 * i / (count - 1)
    u = 0.5 + 0.06 * 16 * x
    return x, torch.sin(u) * torch.exp(-u * u / 32) + 0.1 * torch.sin(37.0 * i)


def gabor(phi, x):
    u = phi[0] + 0.06 * phi[1] * x
    return torch.sin(u) * torch.exp(-u * u / 32)


def line(phi, x):
    return phi[0] + phi[1] * x


def updates(x, y, model, make, batches=False):
    def run(count):
        phi = torch.tensor([1.0, 10.0], requires_grad=True)
        optimizer, at = make([phi]), 30
        for _ in range(count):
            a, b = x, y
            if batches:
                if at == 30:
                    order, at = torch.randperm(30), 0
                a, b = x[order[at:at + 5]], y[order[at:at + 5]]
                at += 5
            optimizer.zero_grad()
            ((model(phi, a) - b) ** 2).sum().backward()
            optimizer.step()
        return phi.detach()
    # Its permutations are not NumPy's, so batches have nothing to compare.
    return run, (lambda: []) if batches else (lambda: run(1000))


def gd(parameters):
    return torch.optim.SGD(parameters, lr=0.001)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.01)


class Large:
    """One gradient over a million examples."""
    current = None

    def __init__(self, prepare, loss, phi):
        self.prepare, self.loss, self.data = prepare, loss, None
        self.phi = phi.clone().requires_grad_(True)

    def run(self, count):
        if self.data is None:
            if Large.current is not None:
                Large.current.data = None
            Large.current, self.data = self, self.prepare()
        for _ in range(count):
            self.phi.grad = None
            self.loss(self.phi, *self.data).backward()
        return self.phi.grad

    def value(self):
        return self.run(1)


def table():
    import numpy
    generator = numpy.random.RandomState(1)
    x = generator.uniform(0, 1, 20000000).reshape(1000000, 20)
    return torch.from_numpy(x), torch.from_numpy(generator.uniform(0, 1, 1000000))


def binary():
    x, y = table()
    return x, (y < 0.5).double()


def linear_loss(phi, x, y):
    return ((x @ phi[:20] + phi[20] - y) ** 2).sum()


def logistic_loss(phi, x, y):
    return torch.nn.functional.binary_cross_entropy_with_logits(
        phi[0] + x @ phi[1:], y, reduction="sum")


class Minimum:
    """L-BFGS with the strong Wolfe search, until the gradient's largest component is small."""

    def __init__(self, prepare, small):
        self.prepare, self.small, self.data, self.evaluations = prepare, small, None, 0

    def run(self, count):
        if self.data is None:
            self.data = self.prepare()
        function, start = self.data
        for _ in range(count):
            self.phi = start.clone().requires_grad_(True)
            self.evaluations = 0
            optimizer = torch.optim.LBFGS([self.phi], history_size=10, max_iter=10 ** 6,
                                          max_eval=10 ** 6, tolerance_grad=self.small,
                                          tolerance_change=0, line_search_fn="strong_wolfe")

            def closure():
                self.evaluations += 1
                optimizer.zero_grad()
                value = function(self.phi)
                value.backward()
                return value
            optimizer.step(closure)

    def value(self):
        self.run(1)
        return self.phi.detach()[:3]

    def count(self):
        return self.evaluations


def rosenbrock():
    start = torch.ones(100)
    start[::2] = -1.2
    return (lambda p: (100 * (p[1:] - p[:-1] ** 2) ** 2 + (1 - p[:-1]) ** 2).sum()), start


def logistic_50():
    import numpy
    generator = numpy.random.RandomState(1)
    x = torch.from_numpy(generator.uniform(0, 1, 500000).reshape(10000, 50))
    y = torch.from_numpy((generator.uniform(0, 1, 10000) < 0.5).astype(float))
    return (lambda phi: 1e-4 * logistic_loss(phi, x, y)), torch.zeros(51)


class Network:
    def __init__(self):
        self.model = None

    def run(self, count):
        if self.model is None:
            self.x = torch.rand(10000, 784)
            self.y = (7 * torch.arange(1, 10001)) % 10
            self.model = torch.nn.Sequential(
                torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
            self.optimizer = torch.optim.Adam(self.model.parameters())
            self.loss = torch.nn.CrossEntropyLoss()
        for _ in range(count):
            order = torch.randperm(10000)
            for at in range(0, 10000, 64):
                batch = order[at:at + 64]
                self.optimizer.zero_grad()
                self.loss(self.model(self.x[batch]), self.y[batch]).backward()
                self.optimizer.step()

    def value(self):
        return []


def cases():
    i = torch.arange(12, dtype=torch.float64)
    line_x = 2 * i / 11
    line_y = 0.6 + 0.7 * line_x + 0.1 * torch.sin(37.0 * i)
    x, y = gabor_points(30)
    weights = 0.1 * torch.linspace(-1, 1, 21)
    found = {
        "linear_gd": updates(line_x, line_y, line, gd),
        "linear_adam": updates(line_x, line_y, line, adam),
        "gabor_gd": updates(x, y, gabor, gd),
        "gabor_adam": updates(x, y, gabor, adam),
        "gabor_sgd": updates(x, y, gabor, gd, True),
    }
    for name, case in {
        "gabor_large": Large(lambda: gabor_points(1000000),
                             lambda phi, a, b: ((gabor(phi, a) - b) ** 2).sum(),
                             torch.tensor([1.0, 10.0])),
        "linear_large": Large(table, linear_loss, weights),
        "logistic_large": Large(binary, logistic_loss, weights),
        "mlp": Network(),
        "minimum_rosenbrock": Minimum(rosenbrock, 1e-9),
        "minimum_logistic": Minimum(logistic_50, 1.4e-9),
    }.items():
        found[name] = case.run, case.value, getattr(case, "count", None)
    return found


def main():
    known = cases()
    for line_ in sys.stdin:
        verb, name, *count = line_.split()
        if name not in known:
            print("missing not among its cases")
        elif verb == "run":
            known[name][0](int(count[0]))
            print("ok")
        elif verb == "count":
            print("ok", known[name][2]())
        else:
            print("ok", *("%.17g" % value for value in known[name][1]()))
        sys.stdout.flush()


main()
