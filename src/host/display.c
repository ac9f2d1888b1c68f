/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/display.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

enum { X11_PORT = 6000, X11_MOST = 59535 };

static bool wait_for(int descriptor, short events, double seconds)
{
    struct pollfd wait = {.fd = descriptor, .events = events};
    int ready;
    do
        ready = poll(&wait, 1, 1 + (int)(seconds * 1000));
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static int reach(int family, const struct sockaddr *address, socklen_t size, double seconds)
{
    int descriptor = socket(family, SOCK_STREAM, 0);
    if (descriptor < 0)
        return -1;
    int flags = fcntl(descriptor, F_GETFL), failure = 0;
    socklen_t length = sizeof failure;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
    if (connect(descriptor, address, size) == 0)
        return descriptor;
    if (errno == EINPROGRESS && wait_for(descriptor, POLLOUT, seconds) &&
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0 && failure == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

/* A path; with `abstract` in Linux's name space without files. */
static int reach_path(const char *path, bool abstract, double seconds)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length + 1 >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path + abstract, path, length);
    return reach(AF_UNIX, (struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1), seconds);
}

static int reach_host(const char *host, int number, double seconds)
{
    char port[16];
    snprintf(port, sizeof port, "%d", X11_PORT + number);
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list;
    if (getaddrinfo(host, port, &wanted, &list) != 0)
        return -1;
    int descriptor = -1;
    for (struct addrinfo *at = list; at && descriptor < 0; at = at->ai_next)
        descriptor = reach(at->ai_family, at->ai_addr, at->ai_addrlen, seconds);
    freeaddrinfo(list);
    return descriptor;
}

/* "host:number.screen", "unix:number", ":number", "/path". */
static int reach_x11(const char *name, double seconds)
{
    if (name[0] == '/')
        return reach_path(name, false, seconds);
    char host[256];
    const char *colon = strrchr(name, ':');
    if (!colon || (size_t)(colon - name) >= sizeof host || colon[1] < '0' || colon[1] > '9')
        return -1;
    char *end;
    errno = 0;
    long number = strtol(colon + 1, &end, 10);
    if (errno != 0 || number > X11_MOST || (*end != '\0' && *end != '.'))
        return -1;
    snprintf(host, sizeof host, "%.*s", (int)(colon - name), name);
    if (host[0] != '\0' && strcmp(host, "unix") != 0)
        return reach_host(host, (int)number, seconds);
    char path[64];
    snprintf(path, sizeof path, "/tmp/.X11-unix/X%ld", number);
    int descriptor = reach_path(path, false, seconds);
    return descriptor >= 0 ? descriptor : reach_path(path, true, seconds);
}

bool display_x11_answers(const char *name, double seconds)
{
    /* Little-endian, protocol 11.0, no authorization: the shortest setup request there is. */
    static const char greeting[12] = {'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    int descriptor = reach_x11(name, seconds);
    if (descriptor < 0)
        return false;
    char answer;
    bool answers = send(descriptor, greeting, sizeof greeting, MSG_NOSIGNAL) == sizeof greeting &&
                   wait_for(descriptor, POLLIN, seconds) && read(descriptor, &answer, 1) == 1;
    close(descriptor);
    return answers;
}

bool display_wayland_answers(const char *name)
{
    char path[512];
    const char *folder = getenv("XDG_RUNTIME_DIR");
    if (name[0] == '/')
        snprintf(path, sizeof path, "%s", name);
    else if (name[0] != '\0' && folder)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else
        return false;
    int descriptor = reach_path(path, false, 0.5);
    if (descriptor >= 0)
        close(descriptor);
    return descriptor >= 0;
}
