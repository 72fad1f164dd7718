# make                 builds the library, and then the tools, with cargo
# make check           runs the tests
# make install         installs what `make` has built; it needs no cargo, so sudo may run it
# make uninstall       removes what `make install` has put there
# make install-compat  adds the names of eXosip2 and libosip2, for programs that ask for those
# make uninstall-compat
# make dist            a tarball of the last commit with all crates, which builds without a network
# make clean           removes what this file built; `cargo clean` removes the rest
#
# DESTDIR, PREFIX, BINDIR, LIBDIR, INCLUDEDIR, MANDIR, DOCDIR and UNITDIR say where; `make`,
# `make install` and `make uninstall` want the same ones. CARGO_TARGET_DIR and CARGO_BUILD_TARGET
# are respected. STRIP=: leaves debug information.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/libregister
UNITDIR ?= $(PREFIX)/lib/systemd/system
CARGO ?= cargo
CARGOFLAGS ?=
STRIP ?= strip
OBJCOPY ?= objcopy
INSTALL ?= install

field = $(shell sed -n 's/^$(1) = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
VERSION := $(call field,version)
URL := $(call field,repository)
SONAME = libregister.so.1
SHARED = libregister.so.$(VERSION)
# What the archive needs besides; the C compiler adds the rest by itself.
PRIVATE = -lresolv -lpthread -lm -ldl

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))$(CARGO_BUILD_TARGET:%=/%)
OUT := $(TARGET)/library
# What is installed.
STAGE := $(OUT)/installed
TOOLS := sipreg registerd
BUILT := $(addprefix $(STAGE)/,libregister.so libregister.a $(TOOLS))

HEADERS := $(patsubst include/%,%,$(shell find include -name '*.h' | LC_ALL=C sort))
DOCUMENTS := README.md CHANGELOG.md COMPATIBILITY.md SECURITY.md LICENSE-APACHE LICENSE-MIT
DOCUMENTS += THIRD-PARTY.txt $(filter-out docs/SUMMARY.md,$(sort $(wildcard docs/*.md)))
# Each function of a page of section 3 is a link to that page.
FUNCTIONS = $(shell sed -n '/^.SH NAME/,/^.SH SYN/s/^\([a-zA-Z_]*\).*/\1/p' man/$(1).3)
PAGES := man1/sipreg.1 man3/registerer.3 man3/eXosip.3 man7/libregister.7 man8/registerd.8
LINKED := registerer eXosip
OLD := libeXosip2 libosip2 libosipparser2
OLD_INCLUDES := eXosip2 osip2 osipparser2
OLD_MODULES := libeXosip2 libosip2

# Where things go, DESTDIR included.
bin := $(DESTDIR)$(BINDIR)
lib := $(DESTDIR)$(LIBDIR)
include := $(DESTDIR)$(INCLUDEDIR)
man := $(DESTDIR)$(MANDIR)
doc := $(DESTDIR)$(DOCDIR)
units := $(DESTDIR)$(UNITDIR)
cmake := $(lib)/cmake/register
pkgconfig := $(lib)/pkgconfig

all: library tools

# cargo knows best what is out of date. It lets the compiler see the library and all its crates at
# once (`lto` in Cargo.toml) only where it makes no Rust library beside.
library:
	$(CARGO) rustc --locked --profile library --lib --crate-type cdylib,staticlib $(CARGOFLAGS)
	@mkdir -p $(STAGE)
	cp $(OUT)/libregister.so $(OUT)/libregister.a $(STAGE)

# They have the library inside, and crates that the library alone does without.
tools: library
	$(CARGO) build --locked --profile tools --features tools $(TOOLS:%=--bin %) $(CARGOFLAGS)
	cp $(TOOLS:%=$(TARGET)/tools/%) $(STAGE)

check:
	$(CARGO) test --locked

# The archive has LLVM's bitcode beside the machine code, three quarters of it, for rustc alone.
bitcode = -R .llvmbc -R .llvmcmd

# The words between @ in packaging/*.in. CMake finds the headers relative to its own files, so that
# the tree may lie below DESTDIR or a sysroot.
empty :=
space := $(empty) $(empty)
up := $(subst $(space),/,$(patsubst %,..,$(subst /, ,$(LIBDIR))))
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
fill = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@SHARED@|$(SHARED)|g' -e 's|@SONAME@|$(SONAME)|g' \
    -e 's|@MAJOR@|$(word 1,$(subst ., ,$(VERSION)))|g' \
    -e 's|@MINOR@|$(word 2,$(subst ., ,$(VERSION)))|g' \
    -e 's|@PRIVATE@|$(PRIVATE)|g' $(if $(URL),-e 's|@URL@|$(URL)|g',-e '/@URL@/d')

install: built
	$(INSTALL) -d $(bin) $(lib) $(cmake) $(pkgconfig) $(units) $(doc)/docs \
	    $(sort $(dir $(addprefix $(man)/,$(PAGES)))) \
	    $(addprefix $(include)/libregister/,$(sort $(dir $(HEADERS))))
	$(INSTALL) -m 755 $(STAGE)/libregister.so $(lib)/$(SHARED)
	$(STRIP) --strip-unneeded $(lib)/$(SHARED)
	ln -sf $(SHARED) $(lib)/$(SONAME)
	ln -sf $(SONAME) $(lib)/libregister.so
	$(INSTALL) -m 644 $(STAGE)/libregister.a $(lib)/libregister.a
	$(STRIP) --strip-debug $(lib)/libregister.a
	$(OBJCOPY) $(bitcode) $(lib)/libregister.a
	@for tool in $(TOOLS); do $(INSTALL) -m 755 $(STAGE)/$$tool $(bin)/$$tool && \
	    $(STRIP) $(bin)/$$tool || exit 1; done
	@$(fill) -e 's|@BINDIR@|$(BINDIR)|' packaging/registerd@.service.in >$(units)/registerd@.service
	@chmod 644 $(units)/registerd@.service
	@for page in $(PAGES); do $(INSTALL) -m 644 man/$${page#*/} $(man)/$$page || exit 1; done
	@$(foreach page,$(LINKED),for name in $(call FUNCTIONS,$(page)); do \
	    ln -sf $(page).3 $(man)/man3/$$name.3 || exit 1; done;)
	@for file in $(DOCUMENTS); do $(INSTALL) -D -m 644 $$file $(doc)/$$file || exit 1; done
	@for header in $(HEADERS); do \
	    $(INSTALL) -m 644 include/$$header $(include)/libregister/$$header || exit 1; done
	@$(fill) -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
	    -e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|' \
	    packaging/register.pc.in >$(pkgconfig)/register.pc
	@$(fill) -e 's|@INCLUDEDIR@|$(up)$(INCLUDEDIR)|' \
	    packaging/registerConfig.cmake.in >$(cmake)/registerConfig.cmake
	@bits=$$(od -An -tu1 -j4 -N1 $(STAGE)/libregister.so) && \
	    $(fill) -e "s|@POINTER@|$$((bits * 4))|" \
	    packaging/registerConfigVersion.cmake.in >$(cmake)/registerConfigVersion.cmake
	@chmod 644 $(pkgconfig)/register.pc $(cmake)/*.cmake
	$(LDCONFIG)

# The loader's cache, where this is the system itself.
LDCONFIG = @if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then ldconfig || true; fi

built:
	@for file in $(BUILT); do [ -e $$file ] || { \
	    echo "$$file is not there: run \`make\` first, as the user who has cargo" >&2; exit 1; }; done

uninstall: uninstall-compat
	rm -f $(lib)/$(SHARED) $(lib)/$(SONAME) $(lib)/libregister.so $(lib)/libregister.a \
	    $(TOOLS:%=$(bin)/%) $(addprefix $(man)/,$(PAGES)) \
	    $(units)/registerd@.service $(pkgconfig)/register.pc \
	    $(cmake)/registerConfig.cmake $(cmake)/registerConfigVersion.cmake
	@rm -f $(foreach page,$(LINKED),$(addprefix $(man)/man3/,$(addsuffix .3,$(call \
	    FUNCTIONS,$(page)))))
	@rm -f $(addprefix $(doc)/,$(DOCUMENTS)) $(addprefix $(include)/libregister/,$(HEADERS))
	@for folder in $(doc) $(cmake) $(include)/libregister; do \
	    [ ! -d $$folder ] || find $$folder -depth -type d -empty -delete; done
	$(LDCONFIG)

# A name is taken only where there is nothing, or what an earlier install-compat has put there.
ours = case "$$(readlink "$$path")" in libregister*) ;; *) \
    grep -qs '^INPUT(libregister.a)$$\|^Requires: register$$' "$$path" ;; esac
every_old_path = $(foreach name,$(OLD),$(lib)/$(name).so $(lib)/$(name).a) \
    $(addprefix $(include)/,$(OLD_INCLUDES)) $(OLD_MODULES:%=$(pkgconfig)/%.pc)

install-compat:
	@for path in $(every_old_path); do \
	    { [ -e "$$path" ] || [ -L "$$path" ]; } || continue; \
	    $(ours) || { echo "$$path is of another package: nothing is done" >&2; exit 1; }; done
	$(INSTALL) -d $(lib) $(include) $(pkgconfig)
	@for name in $(OLD); do ln -sf libregister.so $(lib)/$$name.so && \
	    echo 'INPUT(libregister.a)' >$(lib)/$$name.a && chmod 644 $(lib)/$$name.a || exit 1; done
	@for name in $(OLD_INCLUDES); do \
	    ln -sfn libregister/$$name $(include)/$$name || exit 1; done
	@for name in $(OLD_MODULES); do sed "s|@NAME@|$$name|" packaging/old-name.pc.in \
	    >$(pkgconfig)/$$name.pc && chmod 644 $(pkgconfig)/$$name.pc || exit 1; done

uninstall-compat:
	@for path in $(every_old_path); do \
	    { [ -e "$$path" ] || [ -L "$$path" ]; } || continue; \
	    ! { $(ours); } || rm -f "$$path"; done

dist:
	CARGO="$(CARGO)" packaging/dist $(TARGET)

clean:
	rm -rf $(STAGE)
	$(MAKE) -C c-examples clean

.PHONY: all library tools check built install uninstall install-compat uninstall-compat dist clean
