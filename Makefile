# 在学 · make help 列出全部命令
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
RUN := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PYTHONUTF8 := 1
unexport PYTHONDONTWRITEBYTECODE  # the tests start many processes: what one has compiled the next need not
TEST_SETTINGS = VAR_DIR="$(CURDIR)/var/test" EMBEDDED_FSYNC=off

# $(1) the environment's folder, $(2) the files of its packages
define install
	@if [ -L $(1) ]; then \
		echo "$(1) 是指向别处的链接，按现状使用，不在这里安装。"; \
	elif command -v uv >/dev/null 2>&1; then \
		echo "用 uv 安装依赖……"; \
		{ [ -x $(1)/bin/python ] || uv venv -q --python '>=3.11' $(1); } && uv pip sync -q --require-hashes --python $(1)/bin/python $(2) || exit 1; \
	else \
		[ -n "$(PY)" ] || { echo "需要 Python 3.11 或更高版本，请先安装（Debian/Ubuntu：apt install python3 python3-venv）。"; exit 1; }; \
		"$(PY)" -c 'import venv, ensurepip' >/dev/null 2>&1 || { echo "Python 缺少 venv，请先安装（Debian/Ubuntu：apt install python3-venv）。"; exit 1; }; \
		echo "安装依赖，首次需要一两分钟……"; \
		{ $(1)/bin/python -m pip --version >/dev/null 2>&1 || "$(PY)" -m venv --clear $(1); } && $(1)/bin/python -m pip install -q --require-hashes $(addprefix -r ,$(2)) || exit 1; \
	fi
	@touch $@
endef

.venv/.stamp: requirements.txt
	$(call install,.venv,requirements.txt)

.venv-bench/.stamp: requirements.txt requirements-bench.txt
	$(call install,.venv-bench,requirements.txt requirements-bench.txt)

setup: .venv/.stamp  ## 只安装依赖（.venv）

demo: .venv/.stamp  ## 演示：建立演示县区并启动全部服务，Ctrl-C 停止
	@exec $(RUN) manage.py demo

demo-reset: .venv/.stamp  ## 删除演示数据，下次 make demo 重新建立
	@$(RUN) manage.py demo_reset

serve: .venv/.stamp  ## 只启动网站
	@exec $(RUN) -m config.runner web

worker: .venv/.stamp  ## 只启动后台任务和定时任务
	@exec $(RUN) -m config.runner worker beat

check: .venv/.stamp  ## 全部静态检查
	@$(MAKE) --no-print-directory -j2 types rules

types: .venv/.stamp
	.venv/bin/mypy

rules: .venv/.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports --no-cache
	.venv/bin/djlint templates --check --lint --quiet
	.venv/bin/deptry .
	@$(TEST_SETTINGS) $(RUN) manage.py makemigrations --check --dry-run
	@[ ! -f tests/test_house_rules.py ] || $(TEST_SETTINGS) .venv/bin/pytest -q -n 0 tests/test_house_rules.py

test: .venv/.stamp  ## 检查和全部测试，同时进行
	@$(MAKE) --no-print-directory -j2 types suite

# The house rules were just run among the rules.
suite: rules
	@$(TEST_SETTINGS) .venv/bin/pytest -q --ignore tests/test_house_rules.py

bench: .venv-bench/.stamp  ## 测速与测准（约半小时），写入 docs/benchmarks.md；BENCH=--quick 不测 400,000
	@.venv-bench/bin/python -m benchmarks $(BENCH)

help:  ## 这张表
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1|/' | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: setup demo demo-reset serve worker check types rules test suite bench help
