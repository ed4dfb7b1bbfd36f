/* The C half of a call into Python: starts the interpreter on the first call, then hands the arguments over.
 *
 * guest.py is the other half. What Python raises is printed and ends the process by SIGABRT: a failure of the library
 * must not look like a result. The interpreter is never ended, the harness leaves by _exit. The thread that calls keeps
 * the interpreter's lock from the first call on, so that a further call takes it nowhere. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge.h"

enum { MOST = 64 };

struct argument {
    const char *name, *type; /* type is "" for a scalar */
    PyObject *value;
};

static struct argument arguments[MOST];
static Py_ssize_t count;
static const char *request;
static PyObject *entry; /* what guest.enter returned: called with the values of a call */

static void stop(const char *reason) {
    fprintf(stderr, "loopwright: %s\n", reason);
    fflush(NULL);
    abort();
}

static void stop_raised(void) {
    PyObject *type = NULL, *value = NULL, *trace = NULL;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (trace) PyException_SetTraceback(value, trace);
    /* Not PyErr_Print: it would take a SystemExit for an order to end with success. */
    if (type) PyErr_Display(type, value, trace);
    fflush(NULL);
    abort();
}

static void start(const char *executable, const char *root) {
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&before);
    if (PyStatus_Exception(status)) stop(status.err_msg ? status.err_msg : "Python does not start");
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.write_bytecode = 0; /* nothing appears beside the user's files */
    status = PyConfig_SetBytesString(&config, &config.executable, executable);
    if (!PyStatus_Exception(status)) status = PyConfig_SetBytesString(&config, &config.program_name, executable);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) stop(status.err_msg ? status.err_msg : "Python does not start");

    PyObject *path = PySys_GetObject("path"), *place = PyUnicode_DecodeFSDefault(root);
    if (!path || !place || PyList_Append(path, place) < 0) stop_raised();
    Py_DECREF(place);
}

void lw_guest_open(const char *executable, const char *root, const char *text) {
    count = 0;
    if (request) return;
    request = text;
    start(executable, root);
}

static void add(const char *name, const char *type, PyObject *value) {
    if (!value) stop_raised();
    if (count == MOST) stop("too many parameters for a call into Python");
    arguments[count].name = name;
    arguments[count].type = type;
    arguments[count++].value = value;
}

void lw_guest_integer(const char *name, long long value) { add(name, "", PyLong_FromLongLong(value)); }
void lw_guest_real(const char *name, double value) { add(name, "", PyFloat_FromDouble(value)); }
void lw_guest_array(const char *name, const char *type, const volatile void *address) {
    add(name, type, PyLong_FromVoidPtr((void *)address));
}

/* entry = loopwright.baselines.foreign.guest.enter(request, ((name, type), ...)) */
static void enter(void) {
    PyObject *parameters = PyTuple_New(count);
    for (Py_ssize_t at = 0; parameters && at < count; at++) {
        PyObject *pair = Py_BuildValue("(ss)", arguments[at].name, arguments[at].type);
        if (!pair) stop_raised();
        PyTuple_SET_ITEM(parameters, at, pair);
    }
    PyObject *module = PyImport_ImportModule("loopwright.baselines.foreign.guest");
    if (module && parameters) entry = PyObject_CallMethod(module, "enter", "sO", request, parameters);
    if (!entry) stop_raised();
    Py_DECREF(module);
    Py_DECREF(parameters);
}

static PyObject *call(void) {
    if (!entry) enter();
    PyObject *values = PyTuple_New(count);
    if (!values) stop_raised();
    for (Py_ssize_t at = 0; at < count; at++) PyTuple_SET_ITEM(values, at, arguments[at].value);
    PyObject *result = PyObject_CallOneArg(entry, values);
    Py_DECREF(values);
    if (!result) stop_raised();
    return result;
}

void lw_guest_call(void) { Py_DECREF(call()); }

long long lw_guest_call_integer(void) {
    PyObject *result = call();
    long long value = PyLong_AsLongLong(result);
    if (value == -1 && PyErr_Occurred()) stop_raised();
    Py_DECREF(result);
    return value;
}

double lw_guest_call_real(void) {
    PyObject *result = call();
    double value = PyFloat_AsDouble(result);
    if (value == -1.0 && PyErr_Occurred()) stop_raised();
    Py_DECREF(result);
    return value;
}
