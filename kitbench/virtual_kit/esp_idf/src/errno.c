/* SPDX-License-Identifier: Apache-2.0 */
/* errno as newlib has it. The kit's C library sets a variable of its own to WASI's numbers: whoever looks at errno picks
 * up what was set there since, translated. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The C library's; not by its header, which here is ours. */
extern _Thread_local int errno;
static _Thread_local int s_value;

static int translated(int wasi);

int *kit_errno(void)
{
    if (errno != 0) {
        s_value = translated(errno);
        errno = 0;
    }
    return &s_value;
}

#include <errno.h>

/* WASI counts from 1 in the order of the alphabet. */
static int translated(int wasi)
{
    static const unsigned char numbers[] = {
        0, E2BIG, EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN, EALREADY, EBADF, EBADMSG, EBUSY,
        ECANCELED, ECHILD, ECONNABORTED, ECONNREFUSED, ECONNRESET, EDEADLK, EDESTADDRREQ, EDOM, EDQUOT, EEXIST,
        EFAULT, EFBIG, EHOSTUNREACH, EIDRM, EILSEQ, EINPROGRESS, EINTR, EINVAL, EIO, EISCONN, EISDIR, ELOOP,
        EMFILE, EMLINK, EMSGSIZE, EMULTIHOP, ENAMETOOLONG, ENETDOWN, ENETRESET, ENETUNREACH, ENFILE, ENOBUFS,
        ENODEV, ENOENT, ENOEXEC, ENOLCK, EIO, ENOMEM, ENOMSG, ENOPROTOOPT, ENOSPC, ENOSYS, ENOTCONN, ENOTDIR,
        ENOTEMPTY, ENOTRECOVERABLE, ENOTSOCK, ENOTSUP, ENOTTY, ENXIO, EOVERFLOW, EOWNERDEAD, EPERM, EPIPE, EPROTO,
        EPROTONOSUPPORT, EPROTOTYPE, ERANGE, EROFS, ESPIPE, ESRCH, ESTALE, ETIMEDOUT, ETXTBSY, EXDEV,
    };
    return wasi < (int)sizeof(numbers) ? numbers[wasi] : EIO;
}

/* newlib's words. */
char *kit_strerror(int number)
{
    static const struct {
        int number;
        const char *text;
    } texts[] = {
        {0, "Success"},
        {EPERM, "Not owner"},
        {ENOENT, "No such file or directory"},
        {ESRCH, "No such process"},
        {EINTR, "Interrupted system call"},
        {EIO, "I/O error"},
        {ENXIO, "No such device or address"},
        {E2BIG, "Arg list too long"},
        {ENOEXEC, "Exec format error"},
        {EBADF, "Bad file number"},
        {ECHILD, "No children"},
        {EAGAIN, "No more processes"},
        {ENOMEM, "Not enough space"},
        {EACCES, "Permission denied"},
        {EFAULT, "Bad address"},
        {EBUSY, "Device or resource busy"},
        {EEXIST, "File exists"},
        {EXDEV, "Cross-device link"},
        {ENODEV, "No such device"},
        {ENOTDIR, "Not a directory"},
        {EISDIR, "Is a directory"},
        {EINVAL, "Invalid argument"},
        {ENFILE, "Too many open files in system"},
        {EMFILE, "File descriptor value too large"},
        {ENOTTY, "Not a character device"},
        {ETXTBSY, "Text file busy"},
        {EFBIG, "File too large"},
        {ENOSPC, "No space left on device"},
        {ESPIPE, "Illegal seek"},
        {EROFS, "Read-only file system"},
        {EMLINK, "Too many links"},
        {EPIPE, "Broken pipe"},
        {EDOM, "Mathematics argument out of domain of function"},
        {ERANGE, "Result too large"},
        {ENOMSG, "No message of desired type"},
        {EIDRM, "Identifier removed"},
        {EDEADLK, "Deadlock"},
        {ENOLCK, "No lock"},
        {ENODATA, "No data"},
        {EPROTO, "Protocol error"},
        {EMULTIHOP, "Multihop attempted"},
        {EBADMSG, "Bad message"},
        {ENOSYS, "Function not implemented"},
        {ENOTEMPTY, "Directory not empty"},
        {ENAMETOOLONG, "File or path name too long"},
        {ELOOP, "Too many symbolic links"},
        {EOPNOTSUPP, "Operation not supported on socket"},
        {EPFNOSUPPORT, "Protocol family not supported"},
        {ECONNRESET, "Connection reset by peer"},
        {ENOBUFS, "No buffer space available"},
        {EAFNOSUPPORT, "Address family not supported by protocol family"},
        {EPROTOTYPE, "Protocol wrong type for socket"},
        {ENOTSOCK, "Socket operation on non-socket"},
        {ENOPROTOOPT, "Protocol not available"},
        {ECONNREFUSED, "Connection refused"},
        {EADDRINUSE, "Address already in use"},
        {ECONNABORTED, "Software caused connection abort"},
        {ENETUNREACH, "Network is unreachable"},
        {ENETDOWN, "Network interface is not configured"},
        {ETIMEDOUT, "Connection timed out"},
        {EHOSTDOWN, "Host is down"},
        {EHOSTUNREACH, "Host is unreachable"},
        {EINPROGRESS, "Connection already in progress"},
        {EALREADY, "Socket already connected"},
        {EDESTADDRREQ, "Destination address required"},
        {EMSGSIZE, "Message too long"},
        {EPROTONOSUPPORT, "Unknown protocol"},
        {EADDRNOTAVAIL, "Address not available"},
        {ENETRESET, "Connection aborted by network"},
        {EISCONN, "Socket is already connected"},
        {ENOTCONN, "Socket is not connected"},
        {EDQUOT, "Disk quota exceeded"},
        {ESTALE, "Stale NFS file handle"},
        {ENOTSUP, "Not supported"},
        {EILSEQ, "Illegal byte sequence"},
        {EOVERFLOW, "Value too large for defined data type"},
        {ECANCELED, "Operation canceled"},
        {ENOTRECOVERABLE, "State not recoverable"},
        {EOWNERDEAD, "Previous owner died"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].number == number) {
            return (char *)texts[i].text;
        }
    }
    return (char *)"";
}

int kit_strerror_r(int number, char *text, size_t size)
{
    const int length = snprintf(text, size, "%s", kit_strerror(number));
    return length < (int)size ? 0 : ERANGE;
}

void kit_perror(const char *text)
{
    const char *reason = kit_strerror(errno);
    const bool named = text != NULL && text[0] != '\0';
    fprintf(stderr, "%s%s%s\n", named ? text : "", named ? ": " : "", reason);
}
