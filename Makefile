# SPDX-License-Identifier: GPL-2.0-or-later
# The short way to everything; `make help` lists it.  Thin on purpose: meson
# builds, tools/ checks, and every target first installs what it lacks
# (tools/install-deps, as root).

BUILD      ?= build
PREFIX     ?= /usr/local
MESON_ARGS ?=
SUITE      ?= unit datapath fuzz system
TEST_ARGS  ?=
FUZZ_SECONDS ?= 60

MAKEFLAGS += --no-print-directory
build_dir := $(abspath $(BUILD))
need_root = @[ "$$(id -u)" = 0 ] || \
	{ echo "make $@ needs root ($(1)); try: sudo make $@" >&2; exit 1; }

.DEFAULT_GOAL := all
.PHONY: all demo test bench install lint fuzz deb clean help build-deps

all: $(BUILD)/build.ninja ## build/overlaid and build/overlayctl
	@ninja -C $(BUILD)

build-deps:
	@tools/install-deps build

$(BUILD)/build.ninja: | build-deps
	@meson setup $(BUILD) --prefix=$(PREFIX) $(MESON_ARGS)

demo: ## two hypervisors and their VMs in namespaces (KEEP=1, DEMO_QEMU=0)
	$(call need_root,network namespaces and BPF)
	@tools/install-deps build lab
	@$(MAKE) $(BUILD)/build.ninja
	@ninja -C $(BUILD) overlaid overlayctl
	@OVERLAID_BUILD=$(build_dir) examples/two-hypervisors/demo

test: ## every suite, or SUITE="unit datapath fuzz system"; TEST_ARGS="-k vxlan"
	$(if $(filter datapath system,$(SUITE)),$(call need_root,network namespaces and BPF))
	@tools/install-deps build $(if $(filter system,$(SUITE)),lab test)
	@$(MAKE) all
	@tools/run-tests --build $(build_dir) --suite $(SUITE) $(TEST_ARGS)

bench: ## the measured comparison with Linux bridge + vxlan
	$(call need_root,network namespaces and BPF)
	@tools/install-deps build lab test
	@$(MAKE) all
	@OVERLAID_BUILD=$(build_dir) bench/run

install: all ## PREFIX=/usr/local, DESTDIR=
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)

lint: ## formatting, static analysis, layers, names, man pages, scripts
	@tools/install-deps build lint
	@$(MAKE) all
	@tools/lint $(build_dir)

fuzz: ## every fuzz target for FUZZ_SECONDS=60
	@tools/install-deps build fuzz
	@tools/run-fuzz $(build_dir)-fuzz $(FUZZ_SECONDS)

deb: ## Debian packages, in build/
	@tools/install-deps build package
	@tools/make-deb $(build_dir)

clean: ## remove what was built
	rm -rf $(BUILD) $(BUILD)-*

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10
