//! A schedule in text form: where it departs from the plain one.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

/// A place of a task where a choice is made: the number of the task, of the word within the task, and of the choice since
/// that word.
///
/// Counted for each task separately, so that removing a choice from a schedule moves the places of the others as little
/// as possible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Place {
    pub(crate) task: u32,
    pub(crate) word: u32,
    pub(crate) sub: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { task, word, sub } = self;
        match sub {
            0 => write!(f, "{task}.{word}"),
            _ => write!(f, "{task}.{word}.{sub}"),
        }
    }
}

impl FromStr for Place {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (task, rest) = text.split_once('.').ok_or(Malformed)?;
        let (word, sub) = rest.split_once('.').unwrap_or((rest, "0"));
        Ok(Self {
            task: task.parse()?,
            word: word.parse()?,
            sub: sub.parse()?,
        })
    }
}

/// A departure from the plain schedule, in which a task runs on until it parks, then the task runs that has been ready
/// longest, and every random choice is 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Departure {
    /// At this place another task runs next.
    Switch(Place, u32),
    /// After the operation of this word, which was ready, another task runs next: where every schedule is explored.
    After(Place, u32),
    /// The random choice at this place.
    Choice(Place, u32),
}

impl Departure {
    pub(crate) fn is_switch(self) -> bool {
        matches!(self, Self::Switch(..) | Self::After(..))
    }

    /// Returns whether both are about the same choice, which can be made only once.
    pub(crate) fn excludes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Switch(one, _), Self::Switch(two, _))
            | (Self::After(one, _), Self::After(two, _))
            | (Self::Choice(one, _), Self::Choice(two, _)) => one == two,
            _ => false,
        }
    }
}

/// All departures of a schedule, which determine it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) departures: Vec<Departure>,
    /// It is followed as a search through all schedules found it: each word is two steps.
    pub(crate) explored: bool,
}

impl fmt::Display for Plan {
    /// `0.3-2`: at word 3 of task 0, task 2 runs. `0.3+2`: task 2 runs after that word. `0.3=1`: the choice there is 1. `+`,
    /// which comes first: as explored. None of these characters is special in a shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.explored {
            f.write_str("+")?;
        }
        for (index, departure) in self.departures.iter().enumerate() {
            let comma = if index == 0 && !self.explored {
                ""
            } else {
                ","
            };
            match departure {
                Departure::After(place, to) => write!(f, "{comma}{place}+{to}")?,
                Departure::Switch(place, to) => write!(f, "{comma}{place}-{to}")?,
                Departure::Choice(place, value) => write!(f, "{comma}{place}={value}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Plan {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (explored, text) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let departures = text.split(',').filter(|departure| !departure.is_empty());
        let departures: Vec<_> = departures.map(parse).collect::<Result<_, _>>()?;
        let after = |departure: &Departure| matches!(departure, Departure::After(..));
        if !explored && departures.iter().any(after) {
            return Err(Malformed);
        }
        Ok(Self {
            departures,
            explored,
        })
    }
}

/// The error of a text that is not a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed;

impl From<ParseIntError> for Malformed {
    fn from(_: ParseIntError) -> Self {
        Self
    }
}

fn parse(text: &str) -> Result<Departure, Malformed> {
    if let Some((place, to)) = text.split_once('-') {
        return Ok(Departure::Switch(place.parse()?, to.parse()?));
    }
    if let Some((place, to)) = text.split_once('+') {
        return Ok(Departure::After(place.parse()?, to.parse()?));
    }
    let (place, value) = text.split_once('=').ok_or(Malformed)?;
    Ok(Departure::Choice(place.parse()?, value.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_as_it_is_written() {
        let place = |task, word, sub| Place { task, word, sub };
        let mut plan = Plan {
            departures: vec![
                Departure::Switch(place(0, 3, 0), 2),
                Departure::Switch(place(0, 3, 2), 1),
                Departure::Choice(place(12, 0, 0), 1),
            ],
            explored: false,
        };
        assert_eq!(plan.to_string(), "0.3-2,0.3.2-1,12.0=1");
        assert_eq!(plan.to_string().parse().as_ref(), Ok(&plan));
        plan.explored = true;
        assert_eq!(plan.to_string().parse().as_ref(), Ok(&plan));
        plan.departures = vec![Departure::After(place(0, 3, 0), 2)];
        assert_eq!(plan.to_string(), "+,0.3+2");
        assert_eq!(plan.to_string().parse().as_ref(), Ok(&plan));
        plan.departures.clear();
        assert_eq!("+".parse(), Ok(plan));
        assert_eq!("".parse(), Ok(Plan::default()));
    }

    #[test]
    fn what_is_no_plan_is_an_error() {
        let wrong = [
            "x",
            "1",
            "1.2",
            "1-2",
            "1.2-",
            "1.x=2",
            "1.2-3-4",
            "1.2+3",
            "+,1.2+",
            "1.2.3.4-5",
            "99999999999.0=1",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Plan>(), Err(Malformed), "{text}");
        }
    }
}
