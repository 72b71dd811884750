/* Preloaded into what is measured: counts every fsync and fdatasync, and may make each one slower, as an ordinary disk would.
 *
 * In: BENCH_FLUSH_FILE, a file of at least eight octets that the counting processes share; BENCH_FLUSH_DELAY_US, microseconds that
 * each flush waits before it is made (0 or unset: none). Out: the count, in the file's first eight octets in the machine's own order.
 * The flush itself is always made. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t *count;
static long delay_us;
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("BENCH_FLUSH_FILE"), *delay = getenv("BENCH_FLUSH_DELAY_US");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    delay_us = delay ? atol(delay) : 0;
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *page = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page != MAP_FAILED)
        count = page;
    close(file);
}

static void before(void) {
    if (count)
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
    if (delay_us > 0) {
        struct timespec pause = {delay_us / 1000000, delay_us % 1000000 * 1000};
        nanosleep(&pause, NULL);
    }
}

int fsync(int fd) {
    before();
    return real_fsync(fd);
}

int fdatasync(int fd) {
    before();
    return real_fdatasync(fd);
}
