"""Import in a fresh process; NumPy, which cpool cannot do without, is imported before the clock starts."""


class Import:
    version = "1"
    number, repeat = 1, (5, 20, 10.0)

    def timeraw_import(self):
        return "import cpool", "import numpy"

    def timeraw_import_and_call(self):
        return "import cpool; cpool.max_pool2d(x, 2)", "import numpy; x = numpy.ones((4, 4), 'f4')"

    def timeraw_command_line(self):
        return "import cpool.__main__", "import numpy"
