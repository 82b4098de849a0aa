# SPDX-License-Identifier: GPL-2.0-or-later
#
# Formatter for prove(1): prints a line "ok NAME" or "not ok NAME" for each test,
# as ci/summary.sh counts them, and the output of a program behind its lines if
# it failed.  NAME is COMPONENT/PROGRAM/TEST:
#
#   COMPONENT=srpd PERL5LIB=usr/lib/tests prove --formatter Results --merge -e '' \
#           out/srpd/tests/test_job out/srpd/tests/test_sandbox
use strict;
use warnings;

package Results;
use parent 'TAP::Formatter::Base';

sub open_test {
	my ($self, $test, $parser) = @_;
	my $session = Results::Session->new(
		{ name => $test, formatter => $self, parser => $parser });
	($session->{prefix} = $test) =~
		s{(?:.*/)?(?:test_)?(.*?)(?:\.\w+)?$}{$ENV{COMPONENT}/$1};
	return $session;
}

sub summary { }

package Results::Session;
use parent 'TAP::Formatter::Session';

sub result {
	my ($self, $result) = @_;
	push @{ $self->{results} }, $result;
}

sub close_test {
	my $self = shift;
	my ($parser, $prefix) = ($self->parser, $self->{prefix});
	my $problems = $parser->has_problems;

	foreach my $result (@{ $self->{results} }) {
		if ($result->is_test) {
			my ($name) = $result->description =~ /^(?:- )?(.*)/;
			my $skip = $result->has_skip ? ' # SKIP ' . $result->explanation : '';
			print $result->is_ok ? 'ok' : 'not ok', " $prefix/$name$skip\n";
		} elsif ($result->is_plan && $result->has_skip) {
			print "ok $prefix # SKIP ", $result->explanation, "\n";
		} elsif ($problems && !$result->is_plan) {
			print '    ', $result->raw, "\n";
		}
	}
	# It died, or did not run all of its tests
	print "not ok $prefix/status # status ", $parser->exit, ', ',
		join('; ', $parser->parse_errors), "\n"
		if $problems && !$parser->failed;
}

1;
